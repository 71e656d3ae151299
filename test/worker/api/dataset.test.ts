// Data sets over HTTP, by the Worker as it is deployed: IDX files of images that /sample draws too.

import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { DEFAULT_SET, planSet } from "../../../shared/dataset/plan.ts";

const fetchPath = (path: string, init?: RequestInit) =>
  (exports as unknown as { default: Fetcher }).default.fetch(`https://digits.example${path}`, init);
const read = async (path: string) => {
  const reply = await fetchPath(path);
  expect([reply.status, reply.headers.get("Content-Type")], path).toEqual([200, "application/octet-stream"]);
  const bytes = new Uint8Array(await reply.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const rank = view.getUint32(0) - 0x0800;
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  return { reply, shape, values: bytes.subarray(4 + 4 * rank) };
};
const IMAGES = "/dataset/7/train-images-idx3-ubyte";

describe("a data set over HTTP", () => {
  it("has at least 20 images within the budget, each of which /sample draws alone", async () => {
    const { shape, values, reply } = await read(
      `${IMAGES}?count=20&slant=-10..10&weight=0.8..1.3&temperature=0.7`,
    );
    expect(shape).toEqual([20, 28, 28]);
    const options = { ...DEFAULT_SET, seed: "7", slant: [-10, 10] as const, weight: [0.8, 1.3] as const };
    for (const [i, { seed, digit, hand }] of planSet(options)("train", 0, 20).entries()) {
      const query = { seed, digit, ...hand, temperature: 0.7, format: "json", picture: 2 };
      const model = reply.headers.get("X-Model")!;
      const alone = await fetchPath(`/sample?${new URLSearchParams({ ...query, model } as never)}`);
      const { pixels } = (await alone.json()) as { pixels: number[][] };
      expect([...values.subarray(784 * i, 784 * (i + 1))], seed).toEqual(pixels.flat());
    }
  });

  it("has labels, any part of it, and a test part", async () => {
    const { shape, values } = await read("/dataset/7/train-labels-idx1-ubyte?count=60");
    const plan = planSet({ ...DEFAULT_SET, seed: "7" });
    expect(shape).toEqual([60]);
    expect([...values]).toEqual(plan("train", 0, 60).map(({ digit }) => digit));
    const later = await read("/dataset/7/train-labels-idx1-ubyte?count=10&start=50");
    expect(later.values).toEqual(values.subarray(50));
    const uniform = await read(
      "/dataset/%C3%A9%2F1/t10k-labels-idx1-ubyte?count=50&balance=uniform&digits=83",
    );
    const planned = planSet({ ...DEFAULT_SET, seed: "é/1", balance: "uniform", digits: [3, 8] });
    expect([...uniform.values]).toEqual(planned("t10k", 0, 50).map(({ digit }) => digit));
    const all = await read(`${IMAGES}?count=30`);
    const tail = await read(`${IMAGES}?count=10&start=20`);
    expect(tail.values).toEqual(all.values.subarray(20 * 784));
  });

  it("is pinned by its canonical address, which is one for all spellings, and not sent twice", async () => {
    const moving = await fetchPath(`${IMAGES}?count=2&digits=3010&slant=0..0&start=0&weight=1.2..1.20`);
    const canonical = moving.headers.get("Link")!.match(/^<([^>]+)>; rel="canonical"$/)![1]!;
    const name = encodeURIComponent(moving.headers.get("X-Model")!);
    expect(canonical).toBe(`${IMAGES}?count=2&digits=013&model=${name}&weight=1.2`);
    const pinned = await fetchPath(canonical);
    expect(pinned.headers.get("Link")).toBeNull();
    expect(pinned.headers.get("ETag")).toBe(moving.headers.get("ETag"));
    expect(await pinned.arrayBuffer()).toEqual(await moving.arrayBuffer());
    const again = await fetchPath(canonical, { headers: { "If-None-Match": pinned.headers.get("ETag")! } });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    const head = await fetchPath(canonical, { method: "HEAD" });
    expect([head.status, head.headers.get("ETag")]).toEqual([200, pinned.headers.get("ETag")]);
  });

  it.each([
    [`${IMAGES}?count=1000`, 400, "count"],
    [`${IMAGES}?count=1001`, 400, "count"],
    [`${IMAGES}?count=0`, 400, "count"],
    [`${IMAGES}?count=2&slant=10..-10`, 400, "slant"],
    [`${IMAGES}?count=2&slant=-31`, 400, "slant"],
    [`${IMAGES}?count=2&weight=0.5..1`, 400, "weight"],
    [`${IMAGES}?count=2&digits=`, 400, "digits"],
    [`${IMAGES}?count=2&balance=fair`, 400, "balance"],
    [`${IMAGES}?count=2&start=-1`, 400, "start"],
    [`${IMAGES}?count=2&size=28`, 400, "size"],
    [`/dataset/${"a".repeat(107)}/train-images-idx3-ubyte?count=2`, 400, "set"],
    ["/dataset/7/train-images?count=2", 404, undefined],
    ["/dataset/7/t10k-labels-idx3-ubyte?count=2", 404, undefined],
    [`${IMAGES}?count=2&model=nothing`, 404, undefined],
  ])("refuses %s with %i", async (path, status, parameter) => {
    const reply = await fetchPath(path);
    expect(reply.status).toBe(status);
    expect(((await reply.json()) as { parameter?: string }).parameter).toBe(parameter);
  });

  it("says how many images the budget allows, and sends them", async () => {
    const { detail } = (await (await fetchPath(`${IMAGES}?count=1000`)).json()) as { detail: string };
    const most = Number(detail.match(/count <= (\d+)/)![1]);
    expect(most).toBeGreaterThanOrEqual(20);
    expect((await read(`${IMAGES}?count=${most}`)).shape[0]).toBe(most);
    expect((await fetchPath(`${IMAGES}?count=${most + 1}`)).status).toBe(400);
    expect((await read(`/dataset/7/train-labels-idx1-ubyte?count=${most}`)).shape).toEqual([most]);
  });
});
