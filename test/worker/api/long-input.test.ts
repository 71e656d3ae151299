// Input that is long or breaks off: what is repeated of it, the headers that it makes, and what the log says.

import { beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../../worker/app.ts";
import { createModelStore } from "../../../worker/models/model-store.ts";
import { makeRelease } from "../../fixture.ts";
import { bucket, publish } from "../bucket.ts";

beforeAll(async () => {
  await publish(await makeRelease("plain", "2"));
});

const newStore = () =>
  createModelStore(
    bucket,
    () => 0,
    () => {},
  );

describe("long input", () => {
  const app = () => createApp(newStore());
  const ask = (path: string, init?: RequestInit) =>
    app().fetch(new Request(`https://digits.example${path}`, init));
  const x = "x".repeat(8000);
  const headerBytes = ({ headers }: Response) =>
    [...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);

  it.each<[number, string, RequestInit?]>([
    [400, `/sample?${x}=1`],
    [400, `/sample?${x}=%ff`],
    [400, `/sample?seed=%ff${x}`],
    [400, `/sample?seed=${x}`],
    [400, `/sample?seed=1&fg=${x}`],
    [400, `/sample?seed=1&model=${x}`],
    [400, `/decode?z=${x}`],
    [400, `/number/${x}`],
    [400, `/models/${x}`],
    [400, `/models/plain/${x}/${x}`],
    [404, `/${x}`],
    [404, `/models/plain/000000000000/${x.slice(0, 64)}`],
    [405, `/number/${x}`, { method: "DELETE" }],
    [415, "/encode", { method: "POST", body: "x", headers: { "Content-Type": x } }],
    [404, "/nothing", { headers: { "cf-ray": x } }],
    [404, "/nothing", { headers: { "cf-ray": 'a"b' } }],
  ])("%i: no member of the problem repeats it, nor a header", async (status, path, init) => {
    const response = await ask(path, init);
    expect(response.status).toBe(status);
    const problem = await response.json<Record<string, unknown>>();
    for (const [name, value] of Object.entries(problem)) {
      expect(String(value).length, name).toBeLessThanOrEqual(1003);
      // A line of it is enough to find it.
      expect(String(value), name).not.toContain(init ? x.slice(0, 1001) : x.slice(0, 161));
    }
    expect(headerBytes(response)).toBeLessThan(2000);
  });

  it("of a walk through sixteen long seeds causes no header that clients refuse", async () => {
    const seed = (i: number) =>
      encodeURIComponent(`${String.fromCharCode(97 + i)}${"\u{1f600}".repeat(127)}`);
    const walk = `/interpolate?seeds=${Array.from({ length: 16 }, (_, i) => seed(i)).join(",")}`;
    const long = await ask(walk);
    expect(long.status).toBe(200);
    expect(headerBytes(long)).toBeLessThan(8192);
    expect(long.headers.get("Link")).toBeNull();
    // What a client makes of the two draws the same.
    const pinned = await ask(`${walk}&model=${long.headers.get("X-Model")}&picture=2`);
    expect(pinned.headers.get("ETag")).toBe(long.headers.get("ETag"));
    const two = await ask(`/interpolate?seeds=${seed(0)},${seed(1)}`);
    expect(two.headers.get("Link")).toContain("canonical");
    expect(headerBytes(two)).toBeLessThan(8192);
  });
});

describe("a client that disconnects while it sends", () => {
  it("is no failure in the log, and one line with its status", async () => {
    const lines: string[] = [];
    const errors: unknown[] = [];
    const { error } = console;
    console.error = (line) => errors.push(line);
    const app = createApp(newStore(), {
      now: () => 0,
      log: (line) => lines.push(line),
    });
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(100));
        controller.error(new Error("Network connection lost."));
      },
    });
    const headers = { "Content-Type": "image/png" };
    await app.fetch(new Request("https://digits.example/encode", { method: "POST", body, headers }));
    console.error = error;
    expect(errors).toEqual([]);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ route: "/encode", status: 499 }]);
  });
});
