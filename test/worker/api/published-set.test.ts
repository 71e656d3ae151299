// Published data sets: files of the bucket, whole or in ranges, and nothing else of it.

import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { makeSetCard, setCardKey, setFileKey } from "../../../shared/dataset/card.ts";
import { DEFAULT_SET } from "../../../shared/dataset/plan.ts";
import { sha256, stringifyJson } from "../../../shared/release/release.ts";
import { bucket } from "../bucket.ts";

const fetchPath = (path: string, init?: RequestInit) =>
  (exports as unknown as { default: Fetcher }).default.fetch(`https://digits.example${path}`, init);
const FILE = "train-labels-idx1-ubyte";
const body = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const bytesOf = async (reply: Response) => new Uint8Array(await reply.arrayBuffer());
let etag: string;

beforeAll(async () => {
  const digest = await sha256(body);
  etag = `"${digest}"`;
  const listed = { bytes: body.byteLength, sha256: digest, md5: "0".repeat(32) };
  const card = makeSetCard({
    model: { name: "digits", version: "0123456789ab" },
    set: { ...DEFAULT_SET, seed: "7" },
    counts: { train: new Array(10).fill(0), t10k: new Array(10).fill(0) },
    files: { [FILE]: listed, "t10k-labels-idx1-ubyte": { ...listed, sha256: "f".repeat(64) } },
  });
  await bucket.put(setCardKey("lesson"), stringifyJson(card));
  await bucket.put(setFileKey(digest), body);
});

describe("a published data set", () => {
  it("sends its files for good, and says what drew them", async () => {
    const reply = await fetchPath(`/dataset/lesson/${FILE}`);
    expect(reply.status).toBe(200);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      etag,
      "accept-ranges": "bytes",
      "cache-control": "public, max-age=31536000, immutable",
      "content-length": "1000",
      "content-type": "application/octet-stream",
      "x-model": "digits@0123456789ab",
    });
    expect(await bytesOf(reply)).toEqual(body);
    const card = await fetchPath("/dataset/lesson/card.json");
    expect(card.headers.get("Content-Type")).toBe("application/json");
    expect(((await card.json()) as { set: object }).set).toMatchObject({ seed: "7" });
  });

  it("is not sent to who has it, nor for HEAD", async () => {
    const held = await fetchPath(`/dataset/lesson/${FILE}`, { headers: { "If-None-Match": etag } });
    expect([held.status, await bytesOf(held)]).toEqual([304, new Uint8Array(0)]);
    const head = await fetchPath(`/dataset/lesson/${FILE}`, {
      method: "HEAD",
      headers: { Range: "bytes=0-1" },
    });
    expect([head.status, head.headers.get("Content-Length"), await bytesOf(head)]).toEqual([
      200,
      "1000",
      new Uint8Array(0),
    ]);
  });

  it.each([
    ["bytes=0-15", 0, 16],
    ["bytes=990-", 990, 1000],
    ["bytes=990-5000", 990, 1000],
    ["bytes=-10", 990, 1000],
    ["bytes=-5000", 0, 1000],
  ])("sends the range %s", async (range, start, end) => {
    const reply = await fetchPath(`/dataset/lesson/${FILE}`, { headers: { Range: range } });
    expect([reply.status, reply.headers.get("Content-Range")]).toEqual([
      206,
      `bytes ${start}-${end - 1}/1000`,
    ]);
    expect(reply.headers.get("Content-Length")).toBe(String(end - start));
    expect(await bytesOf(reply)).toEqual(body.subarray(start, end));
  });

  it("sends a range of its card", async () => {
    const whole = await bytesOf(await fetchPath("/dataset/lesson/card.json"));
    const reply = await fetchPath("/dataset/lesson/card.json", { headers: { Range: "bytes=4-9" } });
    expect([reply.status, await bytesOf(reply)]).toEqual([206, whole.subarray(4, 10)]);
  });

  it.each([
    ["bytes=5-2", {}],
    ["bytes=0-1,4-5", {}],
    ["items=0-1", {}],
    ["bytes=-", {}],
    ["bytes=0-1", { "If-Range": '"other"' }],
  ])("sends all for %s %j", async (range, headers) => {
    const reply = await fetchPath(`/dataset/lesson/${FILE}`, { headers: { Range: range, ...headers } });
    expect([reply.status, (await bytesOf(reply)).byteLength]).toEqual([200, 1000]);
  });

  it("refuses a range after its end", async () => {
    for (const range of ["bytes=1000-", "bytes=-0"]) {
      const reply = await fetchPath(`/dataset/lesson/${FILE}`, { headers: { Range: range } });
      expect([reply.status, reply.headers.get("Content-Range")], range).toEqual([416, "bytes */1000"]);
      expect(await reply.json()).toMatchObject({ type: "/problems/range-not-satisfiable" });
    }
  });

  it.each([
    ["/dataset/nothing/card.json", 404, "unknown-dataset"],
    ["/dataset/files%2Fx/card.json", 404, "unknown-dataset"],
    ["/dataset/..%2Fcatalog/card.json", 404, "unknown-dataset"],
    ["/dataset/lesson/catalog.json", 404, "unknown-file"],
    ["/dataset/lesson/..%2F..%2Fcatalog.json", 404, "unknown-file"],
    ["/dataset/lesson/__proto__", 404, "unknown-file"],
    ["/dataset/lesson/t10k-labels-idx1-ubyte", 503, "missing-object"],
    [`/dataset/lesson/${FILE}?start=1`, 400, "invalid-parameter"],
  ])("answers %s with %i %s", async (path, status, type) => {
    const reply = await fetchPath(path);
    expect([reply.status, ((await reply.json()) as { type: string }).type]).toEqual([
      status,
      `/problems/${type}`,
    ]);
  });
});
