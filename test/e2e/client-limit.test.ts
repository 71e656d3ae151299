// The limit per client, and the log, over real HTTP against a wrangler whose configuration allows little.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Server, startWrangler } from "./server.ts";

const LIMIT = 4;

let folder: string;
let server: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  const config = (await readFile("wrangler.toml", "utf8"))
    .replace('"worker/index.ts"', JSON.stringify(resolve("worker/index.ts")))
    .replace('"build/assets"', JSON.stringify(resolve("build/assets")))
    .replace(/limit = \d+/, `limit = ${LIMIT}`);
  expect(config).toContain(`limit = ${LIMIT}`);
  await writeFile(join(folder, "wrangler.toml"), config);
  server = await startWrangler(join(folder, "wrangler.toml"), join(folder, "state"));
}, 120_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const ask = (address: string, path = "/nothing") =>
  fetch(server.origin + path, { headers: { "CF-Connecting-IP": address } });

describe("a client that asks too often", { tags: ["slow"] }, () => {
  it("gets 429 with the period, and others are served", async () => {
    const replies = await Promise.all(Array.from({ length: 3 * LIMIT }, () => ask("192.0.2.1")));
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(LIMIT);
    expect(replies.filter(({ status }) => status === 404).length).toBeGreaterThan(0);
    const [reply] = refused;
    expect(reply!.headers.get("Retry-After")).toBe("60");
    expect(reply!.headers.get("Cache-Control")).toBe("no-store");
    expect(reply!.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(reply!.headers.get("Access-Control-Expose-Headers")).toContain("Retry-After");
    const problem = (await reply!.json()) as object;
    expect(problem).toMatchObject({ type: "/problems/rate-limited", status: 429 });
    expect((await ask("192.0.2.2")).status).toBe(404);
  });

  it("is in no line of the log, nor are its requests", async () => {
    await ask("192.0.2.4", "/sample?seed=secret");
    const lines = server.output().match(/\{"message":"request".*\}/g)!;
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.some((line) => line.includes('"status":429'))).toBe(true);
    expect(server.output()).not.toMatch(/192\.0\.2\.|secret/);
  });

  it("can still read the explanation", async () => {
    for (let i = 0; i < 2 * LIMIT; i++) await ask("192.0.2.3");
    expect((await ask("192.0.2.3")).status).toBe(429);
    expect((await ask("192.0.2.3", "/problems/rate-limited")).status).toBe(200);
  });
});
