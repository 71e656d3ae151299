// How old a catalog may be that decides: withdrawals and publishes between 31 and 300 seconds, catalogs that cannot be read
// or are lost, clocks that are set back.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { CATALOG_KEY, type Catalog } from "../../../shared/release/catalog.ts";
import { createApp } from "../../../worker/app.ts";
import type { ReadTiming } from "../../../worker/models/bucket-reader.ts";
import { createModelStore } from "../../../worker/models/model-store.ts";
import { type Fixture, makeCatalog, makeRelease } from "../../fixture.ts";
import { bucket, putCatalog, putRelease } from "../bucket.ts";

const AGES = [31, 45, 60, 90, 119, 150, 200, 240, 299, 300].map((seconds) => 1000 * seconds);
const IMMUTABLE = "public, max-age=31536000, immutable, no-transform";
const UNCONFIRMED = "public, max-age=60, stale-if-error=600, no-transform";

let old: Fixture;
let next: Fixture;
let clock: number;
let catalogReads: number;
/** What the bucket does instead of giving the catalog. */
let fault: undefined | "fails" | "hangs";
let pending: Promise<unknown>[];
beforeEach(async () => {
  [old, next] = [await makeRelease("alpha", "1"), await makeRelease("alpha", "2")];
  for (const fixture of [old, next]) await putRelease(fixture);
  await putCatalog(makeCatalog([old]));
  [clock, catalogReads, fault, pending] = [1_000_000, 0, undefined, []];
  vi.stubGlobal("console", { ...console, error: vi.fn(), warn: vi.fn() });
  return () => vi.unstubAllGlobals();
});

const TIMING: ReadTiming = {
  /** Long for a busy machine, short where it is waited for. */
  get timeoutMs() {
    return fault === "hangs" ? 400 : 20_000;
  },
  pausesMs: [1],
};
const newApp = () =>
  createApp(
    createModelStore(
      {
        get: (async (key: string, options: R2GetOptions) => {
          if (key !== CATALOG_KEY) return bucket.get(key, options);
          catalogReads++;
          if (fault === "hangs") return new Promise(() => {});
          if (fault === "fails") throw new Error("internal error (10001)");
          return bucket.get(key, options);
        }) as R2Bucket["get"],
      },
      () => clock,
      (work) => pending.push(work),
      { timing: TIMING },
    ),
  );
type App = ReturnType<typeof newApp>;
const settle = async () => {
  while (pending.length > 0) await pending.shift();
};
const pinned = ({ name, version }: Fixture) => `/sample?seed=1&model=${name}@${version}`;
async function ask(app: App, path: string) {
  const { status, headers } = await app.request(path);
  return { status, cache: headers.get("Cache-Control"), model: headers.get("X-Model") };
}
const status = async (app: App, path: string) => (await ask(app, path)).status;
function withdrawOld(): Catalog {
  const catalog = makeCatalog([old, next]);
  catalog.models.alpha!.history[0]!.withdrawn = { at: "2026-01-02T00:00:00.000Z", reason: "blurred" };
  return catalog;
}

describe("a version that is withdrawn", () => {
  it.each(AGES)("is 410, pinned and its files too, in an isolate that was idle for %i ms", async (ageMs) => {
    const app = newApp();
    expect(await ask(app, pinned(old))).toMatchObject({ status: 200, cache: IMMUTABLE });
    await settle();
    await putCatalog(withdrawOld());
    clock += ageMs;
    expect(await status(app, pinned(old))).toBe(410);
    expect(await status(app, `/models/alpha/${old.version}/card.json`)).toBe(410);
  });

  it.each(AGES)("is not drawn by its name either after %i ms", async (ageMs) => {
    const app = newApp();
    expect((await ask(app, "/sample?seed=1")).model).toBe(`alpha@${old.version}`);
    await putCatalog(withdrawOld());
    clock += ageMs;
    expect((await ask(app, "/sample?seed=1")).model).toBe(`alpha@${next.version}`);
  });

  it("is never drawn from an older catalog, whatever the rhythm of requests", async () => {
    for (const rhythmMs of [1000, 7000, 19_000, 21_000, 29_000, 31_000, 100_000]) {
      await putCatalog(makeCatalog([old, next]));
      const app = newApp();
      await status(app, pinned(old));
      await putCatalog(withdrawOld());
      for (let ageMs = 0; ageMs < 300_000; ageMs += rhythmMs) {
        const found = await status(app, pinned(old));
        if (ageMs > 30_000) expect(found, `${ageMs} ms, every ${rhythmMs}`).toBe(410);
        await settle();
        clock += rhythmMs;
      }
    }
  });
});

describe("a version that was published a moment ago", () => {
  it.each([1001, 5000, 19_000, ...AGES])("answers where the catalog is %i ms old", async (ageMs) => {
    const app = newApp();
    await status(app, pinned(old));
    const other = await makeRelease("beta", "3");
    for (const fixture of [next, other]) await putRelease(fixture);
    await putCatalog(makeCatalog([old, next, other]));
    clock += ageMs;
    expect(await ask(app, pinned(next))).toMatchObject({ status: 200, cache: IMMUTABLE });
    for (const path of ["/sample?seed=1&model=beta", "/models/beta", pinned(other)]) {
      expect(await status(app, path), path).toBe(200);
    }
  });

  it("that does not exist costs one read of the catalog a second, however often it is requested", async () => {
    const app = newApp();
    await status(app, pinned(old));
    clock += 10_000;
    catalogReads = 0;
    for (let i = 0; i < 20; i++) {
      expect(await status(app, "/sample?seed=1&model=alpha@000000000000")).toBe(404);
      expect(await status(app, `/models/m${i}`)).toBe(404);
      clock += 20;
    }
    expect(catalogReads).toBe(1);
  });
});

describe.each(["fails", "hangs"] as const)("while the catalog's reading %s", (how) => {
  it("pinned versions are drawn for a minute, and withdrawn ones are not", async () => {
    await putCatalog(withdrawOld());
    const app = newApp();
    await status(app, pinned(next));
    fault = how;
    for (const ageMs of AGES.slice(0, 4)) {
      clock += ageMs;
      expect(await ask(app, pinned(next))).toMatchObject({ status: 200, cache: UNCONFIRMED });
      expect(await status(app, pinned(old))).toBe(410);
      const file = await ask(app, `/models/alpha/${next.version}/weights.bin`);
      expect(file).toMatchObject({ status: 200, cache: expect.not.stringContaining("immutable") });
      await settle();
    }
    fault = undefined;
    clock += 31_000;
    expect(await ask(app, pinned(next))).toMatchObject({ status: 200, cache: IMMUTABLE });
  });

  it("a version that the last good one lacks is verified by its own digest", async () => {
    const app = newApp();
    await status(app, pinned(old));
    fault = how;
    clock += 60_000;
    expect(await ask(app, pinned(next))).toMatchObject({ status: 200, cache: UNCONFIRMED });
    expect(await status(app, "/sample?seed=1&model=alpha@000000000000")).toBe(503);
    expect(await status(app, "/models/alpha/latest/card.json")).toBe(404);
  });

  it("it is not tried again for each request", async () => {
    const app = newApp();
    await status(app, pinned(old));
    fault = how;
    clock += 60_000;
    catalogReads = 0;
    for (let i = 0; i < 10; i++) {
      expect(await status(app, pinned(old))).toBe(200);
      expect(await status(app, "/sample?seed=1")).toBe(200);
      clock += 300;
    }
    await settle();
    // Two tries, of one read each.
    expect(catalogReads).toBe(2);
  });
});

describe("a catalog that is lost", () => {
  it("breaks no pinned address, not even in new isolates, nor does its return", async () => {
    const catalog = makeCatalog([old, next]);
    await putCatalog(catalog);
    const inUse = newApp();
    await status(inUse, pinned(old));
    for (const lose of [() => bucket.delete(CATALOG_KEY), () => bucket.put(CATALOG_KEY, "rubbish")]) {
      await lose();
      clock += 31_000;
      const fresh = newApp();
      for (const fixture of [old, next]) {
        expect(await ask(inUse, pinned(fixture))).toMatchObject({ status: 200, cache: UNCONFIRMED });
        expect(await ask(fresh, pinned(fixture))).toMatchObject({ status: 200, cache: UNCONFIRMED });
      }
      expect(await status(inUse, "/sample?seed=1")).toBe(200);
      expect(await status(fresh, "/sample?seed=1")).toBe(503);
      await settle();
      await putCatalog(catalog);
      clock += 31_000;
      for (const app of [inUse, fresh]) {
        for (const fixture of [old, next]) {
          expect(await ask(app, pinned(fixture))).toMatchObject({ status: 200, cache: IMMUTABLE });
        }
        expect(await status(app, "/sample?seed=1")).toBe(200);
      }
    }
  });

  it("is not read for every pinned request of an isolate that never had it", async () => {
    await bucket.delete(CATALOG_KEY);
    const app = newApp();
    for (let i = 0; i < 10; i++) expect(await status(app, pinned(old))).toBe(200);
    expect(catalogReads).toBe(2);
  });
});

describe("a clock that is set backwards", () => {
  it.each([1000, 60_000, 3_600_000])("by %i ms delays no withdrawal and no retry", async (backMs) => {
    const app = newApp();
    await status(app, pinned(old));
    await settle();
    clock -= backMs;
    await putCatalog(withdrawOld());
    expect(await status(app, pinned(old))).toBe(200);
    clock += 31_000;
    expect(await status(app, pinned(old))).toBe(410);
    const health = await (await app.request("/health")).json<{ catalogCheckedAt: string }>();
    expect(Date.parse(health.catalogCheckedAt)).toBe(clock);
  });
});

describe("a read that was given up", () => {
  it("and ends after a newer one is ignored", async () => {
    let finish: (() => void) | undefined;
    const first = await bucket.get(CATALOG_KEY);
    const stale = { ...first, body: null, size: first!.size, etag: "stale" };
    const bytes = await first!.arrayBuffer();
    const app = createApp(
      createModelStore(
        {
          get: (async (key: string, options: R2GetOptions) => {
            if (key !== CATALOG_KEY || finish || clock === 1_000_000) return bucket.get(key, options);
            await new Promise<void>((resolve) => {
              finish = resolve;
            });
            return { ...stale, arrayBuffer: async () => bytes };
          }) as R2Bucket["get"],
        },
        () => clock,
        (work) => pending.push(work),
        { timing: { timeoutMs: 60_000, pausesMs: [] } },
      ),
    );
    expect(await status(app, pinned(old))).toBe(200);
    clock += 21_000;
    expect(await status(app, pinned(old))).toBe(200);
    await putCatalog(withdrawOld());
    clock += 61_000;
    expect(await status(app, pinned(old))).toBe(410);
    finish!();
    await settle();
    expect(await status(app, pinned(old))).toBe(410);
  });
});
