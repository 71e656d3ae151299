// What callers see of publishing: canaries, withdrawals, and a bucket with something wrong in it.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { encodePng } from "../../../shared/image/png.ts";
import { CATALOG_KEY, type Catalog, versionFor } from "../../../shared/release/catalog.ts";
import { releaseKey } from "../../../shared/release/release.ts";
import { createApp } from "../../../worker/app.ts";
import { createModelStore } from "../../../worker/models/model-store.ts";
import { type Fixture, makeCatalog, makeRelease } from "../../fixture.ts";
import { bucket, putCatalog, putRelease } from "../bucket.ts";

let old: Fixture;
let next: Fixture;
let catalog: Catalog;
let clock: number;
let pending: Promise<unknown>[];
beforeEach(async () => {
  [old, next] = [await makeRelease("alpha", "1"), await makeRelease("alpha", "2")];
  for (const fixture of [old, next]) await putRelease(fixture);
  catalog = makeCatalog([old, next]);
  await putCatalog(catalog);
  [clock, pending] = [0, []];
  vi.stubGlobal("console", { ...console, error: vi.fn(), warn: vi.fn() });
  return () => vi.unstubAllGlobals();
});

const newApp = () =>
  createApp(
    createModelStore(
      bucket,
      () => clock,
      (work) => pending.push(work),
      { timing: { timeoutMs: 20_000, pausesMs: [] } },
    ),
  );
const get = async (app: ReturnType<typeof newApp>, path: string) => {
  const response = await app.request(path);
  const type = response.headers.get("Content-Type")!;
  const body = type.includes("json")
    ? await response.json<Record<string, unknown>>()
    : await response.arrayBuffer();
  return { status: response.status, headers: response.headers, body: body as Record<string, unknown> };
};
const pinned = ({ name, version }: Fixture) => `${name}@${version}`;

describe("a canary", () => {
  beforeEach(async () => {
    Object.assign(catalog.models.alpha!, {
      stable: old.version,
      canary: { version: next.version, percent: 50 },
    });
    await putCatalog(catalog);
  });
  const expected = (seed: string) => `alpha@${versionFor("alpha", catalog.models.alpha!, seed)}`;

  it("is named in X-Model on every picture of its seeds: samples, random ones, walks", async () => {
    const app = newApp();
    const seen = new Set<string | null>();
    for (let i = 0; i < 12; i++) {
      const sample = await get(app, `/sample?seed=${i}`);
      expect(sample.headers.get("X-Model")).toBe(expected(String(i)));
      expect(sample.headers.get("Link")).toContain(encodeURIComponent(expected(String(i))));
      const walk = await get(app, `/interpolate?from=${i}&to=b&steps=2`);
      expect(walk.headers.get("X-Model")).toBe(expected(String(i)));
      const random = await get(app, "/sample");
      expect(random.headers.get("X-Model")).toBe(expected(random.headers.get("X-Seed")!));
      seen.add(sample.headers.get("X-Model"));
    }
    expect(seen).toEqual(new Set([pinned(old), pinned(next)]));
  });
});

describe("a withdrawn version", () => {
  it("answers 410 with the reason; other versions of its model are served", async () => {
    catalog.models.alpha!.history[0]!.withdrawn = { at: "2026-01-02T00:00:00.000Z", reason: "blurred" };
    await putCatalog(catalog);
    const app = newApp();
    const { status, headers, body } = await get(app, `/sample?seed=1&model=${pinned(old)}`);
    expect(status).toBe(410);
    expect(headers.get("Content-Type")).toBe("application/problem+json");
    expect(body).toMatchObject({
      type: "/problems/withdrawn-version",
      detail: expect.stringContaining("blurred"),
    });
    expect((await get(app, `/sample?seed=1&model=${pinned(next)}`)).status).toBe(200);
  });
});

describe("/health", () => {
  it("is ok, then degraded with the reason while a new version cannot be loaded, then ok again", async () => {
    await putCatalog(makeCatalog([old]));
    const app = newApp();
    expect((await get(app, "/health")).body).toMatchObject({
      status: "ok",
      model: pinned(old),
      problems: [],
    });
    const key = releaseKey("alpha", next.version, "weights.bin");
    await bucket.delete(key);
    await putCatalog(catalog);
    const refresh = async () => {
      clock += 31_000;
      await get(app, "/health");
      while (pending.length > 0) await pending.shift();
      return get(app, "/health");
    };
    expect((await refresh()).body).toMatchObject({
      status: "degraded",
      model: pinned(old),
      problems: [{ what: pinned(next), why: expect.stringContaining("weights.bin") }],
    });
    await putRelease(next);
    expect((await refresh()).body).toMatchObject({ status: "ok", model: pinned(next), problems: [] });
  });

  it("is 503 when nothing was ever loaded, and says what is wrong", async () => {
    await bucket.delete(CATALOG_KEY);
    const app = newApp();
    for (const path of ["/health", "/sample?seed=1", "/models"]) {
      const { status, headers, body } = await get(app, path);
      expect(status).toBe(503);
      expect(headers.get("Retry-After")).toBe("30");
      expect(body).toMatchObject({
        type: "/problems/missing-object",
        // The cause is for operators.
        detail: expect.stringContaining(path === "/health" ? CATALOG_KEY : "try again in 30 seconds"),
      });
    }
  });

  it("lists failures that only affect some requests: pinned versions, encoders, files", async () => {
    const at = (fixture: Fixture) => `/sample?seed=1&model=${pinned(fixture)}`;
    const status = async (app: ReturnType<typeof newApp>, path: string) => (await app.request(path)).status;
    await putCatalog(makeCatalog([old, next]));
    await bucket.delete(releaseKey("alpha", old.version, "weights.bin"));
    const encoder = releaseKey("alpha", next.version, "encoder.bin");
    await bucket.put(encoder, "damaged");
    const app = newApp();
    const health = async () =>
      (await app.request("/health")).json<{ status: string; problems: { what: string; why: string }[] }>();
    expect(await health()).toMatchObject({ status: "ok", problems: [] });
    expect(await status(app, at(old))).toBe(503);
    const pixels = new Uint8Array(784).map((_, i) =>
      i % 28 > 12 && i % 28 < 16 && i > 140 && i < 640 ? 255 : 0,
    );
    const upload = () =>
      app.request("/encode", {
        method: "POST",
        body: encodePng({ width: 28, height: 28, pixels }),
        headers: { "Content-Type": "image/png" },
      });
    expect((await upload()).status).toBe(503);
    expect(await status(app, `/models/alpha/${next.version}/encoder.bin`)).toBe(503);
    const report = await health();
    expect(report.status).toBe("degraded");
    expect(report.problems.map(({ what }) => what)).toEqual([
      `alpha@${old.version}`,
      `alpha@${next.version} encoder`,
      `alpha@${next.version} encoder.bin`,
    ]);
    for (const { why } of report.problems) expect(why).toMatch(/weights\.bin|encoder\.bin/);
    for (const fixture of [old, next]) await putRelease(fixture);
    expect([await status(app, at(old)), (await upload()).status]).toEqual([200, 200]);
    expect(await status(app, `/models/alpha/${next.version}/encoder.bin`)).toBe(200);
    expect(await health()).toMatchObject({ status: "ok", problems: [] });
    // A fault that has not recurred for a while is not reported.
    await bucket.delete(releaseKey("alpha", next.version, "preview.png"));
    expect(await status(app, `/models/alpha/${next.version}/preview.png`)).toBe(503);
    clock += 601_000;
    expect(await health()).toMatchObject({ status: "ok" });
  });
});
