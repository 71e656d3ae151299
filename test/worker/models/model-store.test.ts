// Loading from a real bucket: digests, shared loads, failures that are not remembered, bounded memory, and what is served
// while the bucket is slow, fails, or holds something broken.

import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  BucketError,
  DigestError,
  MissingObjectError,
  OversizedError,
  SchemaError,
  UnknownModelError,
  UnknownVersionError,
  UnsupportedReleaseError,
  WithdrawnError,
} from "../../../shared/errors.ts";
import { drawFromSeed, sampleLatent } from "../../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { presets } from "../../../shared/model/presets.ts";
import { CATALOG_KEY, type Catalog, versionFor } from "../../../shared/release/catalog.ts";
import { releaseKey, stringifyJson } from "../../../shared/release/release.ts";
import type { ReadTiming } from "../../../worker/models/bucket-reader.ts";
import { createModelStore, type ModelStore } from "../../../worker/models/model-store.ts";
import {
  expectedPixels,
  type Fixture,
  makeCatalog,
  makeMixture,
  makeRelease,
  packedWeights,
} from "../../fixture.ts";
import { bucket, publish, putCatalog, putRelease } from "../bucket.ts";

let fixture: Fixture;
let clock: number;
let reads: string[];
/** Reads under way, and the most that were so at one time. */
let underWay: { now: number; most: number };
let pending: Promise<unknown>[];
/** What the bucket does instead of answering. */
let fault: undefined | "fails" | "hangs";

beforeEach(async () => {
  fixture = await makeRelease("alpha", "1");
  await publish(fixture);
  [clock, reads, pending, fault] = [0, [], [], undefined];
  underWay = { now: 0, most: 0 };
  vi.stubGlobal("console", { ...console, error: vi.fn(), warn: vi.fn() });
  return () => vi.unstubAllGlobals();
});

const TIMING: ReadTiming = {
  /** Long for a busy machine, short where it is waited for. */
  get timeoutMs() {
    return fault === "hangs" ? 250 : 20_000;
  },
  pausesMs: [1, 1],
};
const newStore = (maxBytes?: number) =>
  createModelStore(
    {
      get: (async (key: string, options: R2GetOptions) => {
        reads.push(key);
        underWay.most = Math.max(underWay.most, ++underWay.now);
        if (fault === "hangs") return new Promise(() => {});
        if (fault === "fails") throw new Error("internal error (10001)");
        return bucket.get(key, options).finally(() => underWay.now--);
      }) as R2Bucket["get"],
    },
    () => clock,
    (load) => pending.push(load),
    { timing: TIMING, ...(maxBytes && { maxBytes }) },
  );
const key = (file: string) => releaseKey(fixture.name, fixture.version, file);
const loadDefault = async (store = newStore()) => store.load(await store.resolve(undefined));
/** Waits for what goes on behind the replies, also where it begins something more. */
const settle = async () => {
  while (pending.length > 0) await pending.shift();
};
/** What a store serves for a moving name: its version, once the pixels have been found to be right. */
async function versionServed(store: ModelStore, fixtures: readonly Fixture[], seed = "7"): Promise<string> {
  const model = await store.resolve({ name: fixtures[0]!.name }, seed);
  const served = fixtures.find(({ version }) => version === model.version)!;
  const { decoder } = await store.load(model);
  const { pixels } = decoder.image(sampleLatent(seed, latentDim(served.card.spec)));
  expect(pixels).toEqual(expectedPixels(served, seed, packedWeights(served)));
  return model.version;
}
async function refresh(store: ModelStore): Promise<void> {
  clock += 31_000;
  await store.catalog();
  await settle();
}

describe("the model store", () => {
  it("loads a model that draws by its weights", async () => {
    const { decoder } = await loadDefault();
    const { pixels } = decoder.image(sampleLatent("7", latentDim(fixture.card.spec)));
    expect(pixels).toEqual(expectedPixels(fixture, "7", packedWeights(fixture)));
  });

  it("reads no encoder until one is requested, then once, and forgets a failure", async () => {
    const model = await loadDefault();
    const encoderReads = () => reads.filter((name) => name.includes("/encoder.")).length;
    expect(encoderReads()).toBe(0);
    const body = fixture.files.get("encoder.bin")!;
    await bucket.put(key("encoder.bin"), "damaged");
    await expect(model.encoder()).rejects.toThrow(DigestError);
    await bucket.put(key("encoder.bin"), body);
    reads = [];
    const [one, two] = await Promise.all([model.encoder(), model.encoder()]);
    expect(one).toBe(two);
    expect(encoderReads()).toBe(2);
    expect(one.encode(new Float32Array(784))).toHaveLength(2 * latentDim(fixture.card.spec));
  });

  it("reads each object once for any number of concurrent requests", async () => {
    const store = newStore();
    await Promise.all(Array.from({ length: 50 }, () => loadDefault(store)));
    await loadDefault(store);
    expect(reads.toSorted()).toEqual(
      [CATALOG_KEY, key("card.json"), key("model.json"), key("weights.bin")].toSorted(),
    );
  });

  it("reads card and decoder of a pinned model with the catalog, those of a moving one after it", async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const paths: string[] = [];
    const waiting = createModelStore(
      {
        get: (async (path: string) => {
          paths.push(path);
          await gate;
          return bucket.get(path);
        }) as R2Bucket["get"],
      },
      () => clock,
      () => {},
    );
    const first = waiting.resolve({ name: "alpha", version: fixture.version }).then(waiting.load);
    expect(paths.toSorted()).toEqual(
      [CATALOG_KEY, key("card.json"), key("model.json"), key("weights.bin")].toSorted(),
    );
    open();
    await first;
    expect(paths).toHaveLength(4);

    await loadDefault();
    expect(reads[0]).toBe(CATALOG_KEY);
    expect(reads).toHaveLength(4);
    expect(underWay.most).toBe(3);
  });

  it("sees a new stable version behind a reply, 20 seconds later at the earliest", async () => {
    const store = newStore();
    await loadDefault(store);
    const next = await makeRelease("alpha", "2");
    await putRelease(next);
    await putCatalog(makeCatalog([fixture, next]));
    await settle();
    reads = [];
    clock = 19_000;
    expect((await store.resolve(undefined)).version).toBe(fixture.version);
    expect(reads).toEqual([]);
    clock = 21_000;
    expect((await store.resolve(undefined)).version).toBe(fixture.version);
    await settle();
    // The new version was loaded before it was made the one that is served.
    expect(reads[0]).toBe(CATALOG_KEY);
    expect(reads).toContain(releaseKey("alpha", next.version, "weights.bin"));
    reads = [];
    expect((await store.resolve(undefined)).version).toBe(next.version);
    await loadDefault(store);
    expect(reads).toEqual([]);
    expect((await store.resolve({ name: "alpha", version: fixture.version })).isPinned).toBe(true);
  });

  it("asks for the catalog by ETag, and once for any number of requests", async () => {
    const conditions: unknown[] = [];
    const store = createModelStore(
      {
        get: (async (path: string, options?: R2GetOptions) => {
          if (path === CATALOG_KEY) conditions.push(options?.onlyIf);
          return bucket.get(path, options);
        }) as R2Bucket["get"],
      },
      () => clock,
      (load) => pending.push(load),
    );
    await loadDefault(store);
    const { etag } = (await bucket.head(CATALOG_KEY))!;
    for (const _ of [1, 2]) {
      clock += 31_000;
      await Promise.all(Array.from({ length: 20 }, () => store.catalog()));
      await settle();
    }
    expect(conditions).toEqual([undefined, { etagDoesNotMatch: etag }, { etagDoesNotMatch: etag }]);
    expect(store.health()).toMatchObject({ catalogCheckedAt: clock, problems: [] });
  });

  it.each([31_000, 301_000])("reads the catalog first when it was idle for %i ms", async (idleMs) => {
    const store = newStore();
    await loadDefault(store);
    const next = await makeRelease("alpha", "2");
    await putRelease(next);
    await putCatalog(makeCatalog([fixture, next]));
    clock = idleMs;
    expect((await store.resolve(undefined)).version).toBe(next.version);
  });

  it("shows the canary to its share of seeds, and to no request without one", async () => {
    const next = await makeRelease("alpha", "2");
    await putRelease(next);
    const catalog = makeCatalog([fixture, next]);
    Object.assign(catalog.models.alpha!, {
      stable: fixture.version,
      canary: { version: next.version, percent: 40 },
    });
    await putCatalog(catalog);
    const store = newStore();
    const seen = new Set<string>();
    for (let i = 0; i < 30; i++) {
      const version = await versionServed(store, [fixture, next], String(i));
      expect(version).toBe(versionFor("alpha", catalog.models.alpha!, String(i)));
      seen.add(version);
    }
    expect(seen.size).toBe(2);
    expect((await store.resolve(undefined)).version).toBe(fixture.version);
  });

  it("recognises a withdrawn version, even one in memory", async () => {
    const next = await makeRelease("alpha", "2");
    await putRelease(next);
    const store = newStore();
    const pinned = { name: "alpha", version: fixture.version };
    await store.load(await store.resolve(pinned));
    const catalog = makeCatalog([fixture, next]);
    catalog.models.alpha!.history[0]!.withdrawn = { at: "2026-01-02T00:00:00.000Z", reason: "blurred" };
    await putCatalog(catalog);
    await refresh(store);
    await expect(store.resolve(pinned)).rejects.toThrow(WithdrawnError);
    await expect(newStore().resolve(pinned)).rejects.toThrow(WithdrawnError);
  });

  it("refuses models and versions that the catalog does not list", async () => {
    const store = newStore();
    await expect(store.resolve({ name: "gamma" })).rejects.toThrow(UnknownModelError);
    await expect(store.resolve({ name: "toString" })).rejects.toThrow(UnknownModelError);
    await expect(store.resolve({ name: "alpha", version: "0123456789ab" })).rejects.toThrow(
      UnknownVersionError,
    );
  });

  it("keeps the most recently used models, within its bytes, however many are requested at once", async () => {
    const fixtures = await Promise.all(Array.from({ length: 9 }, (_, i) => makeRelease(`m${i}`, `${i}`)));
    await publish(...fixtures);
    const { bytes } = await loadDefault();
    const store = newStore(3.5 * bytes);
    const load = async (name: string) => store.load(await store.resolve({ name }));
    for (const { name } of fixtures) {
      await load(name);
      expect(store.health().loaded.bytes).toBeLessThanOrEqual(3.5 * bytes);
    }
    expect(store.health().loaded.models).toBe(3);
    reads = [];
    await load("m8");
    expect(reads).toEqual([]);
    await load("m0");
    expect(reads).toContain(releaseKey("m0", fixtures[0]!.version, "card.json"));

    // Nine at once: at most eight read, four objects each; the ninth waits or is refused.
    const other = newStore(3.5 * bytes);
    await other.catalog();
    underWay.most = 0;
    await Promise.allSettled(fixtures.map(({ name }) => other.resolve({ name }).then(other.load)));
    expect(underWay.most).toBeLessThanOrEqual(32);
    expect(other.health().loaded.models).toBe(3);
  });
});

describe("a broken bucket", () => {
  const flipBit = async (name: string) => {
    const bytes = new Uint8Array(await (await bucket.get(name))!.arrayBuffer());
    bytes[bytes.length >> 1]! ^= 1;
    await bucket.put(name, bytes);
  };

  it.each(["card.json", "model.json", "weights.bin"])(
    "without %s, or with a bit of it flipped, serves nothing",
    async (file) => {
      await flipBit(key(file));
      await expect(loadDefault()).rejects.toThrow(DigestError);
      await bucket.delete(key(file));
      await expect(loadDefault()).rejects.toThrow(MissingObjectError);
    },
  );

  it("whose sampler is damaged or missing serves nothing, although the decoder is intact", async () => {
    fixture = await makeRelease("alpha", "1", presets.smoke, makeMixture(latentDim(presets.smoke), "1"));
    await publish(fixture);
    const { latent } = await loadDefault();
    expect(latent.draw("7", { digit: 3 }).latent).toEqual(
      drawFromSeed("7", { digit: 3 }, latentDim(presets.smoke), fixture.mixture).latent,
    );
    await flipBit(key("sampler.bin"));
    await expect(loadDefault()).rejects.toThrow(DigestError);
    await bucket.delete(key("sampler.bin"));
    await expect(loadDefault()).rejects.toThrow(MissingObjectError);
  });

  it("without a catalog, or with rubbish for one, says so", async () => {
    await bucket.put(CATALOG_KEY, "rubbish");
    await expect(loadDefault()).rejects.toThrow(SchemaError);
    await bucket.delete(CATALOG_KEY);
    await expect(loadDefault()).rejects.toThrow(MissingObjectError);
  });

  it("is tried again as soon as it is repaired", async () => {
    const store = newStore();
    const good = await (await bucket.get(key("weights.bin")))!.arrayBuffer();
    await flipBit(key("weights.bin"));
    await expect(loadDefault(store)).rejects.toThrow(DigestError);
    await bucket.put(key("weights.bin"), good);
    await settle();
    await expect(loadDefault(store)).resolves.toBeDefined();
    expect(store.health().problems).toEqual([]);
  });

  it("that fails once is tried again within the request", async () => {
    let gets = 0;
    const store = createModelStore(
      {
        get: (async (path: string, options: R2GetOptions) => {
          if (gets++ % 6 === 0) throw new Error("internal error (10001)");
          return bucket.get(path, options);
        }) as R2Bucket["get"],
      },
      () => clock,
      () => {},
      { timing: TIMING },
    );
    await expect(loadDefault(store)).resolves.toBeDefined();
  });

  it.each(["fails", "hangs"] as const)(
    "that %s is reported when nothing was loaded yet, and not remembered",
    async (how) => {
      fault = how;
      const store = newStore();
      await expect(loadDefault(store)).rejects.toThrow(BucketError);
      fault = undefined;
      await settle();
      await expect(loadDefault(store)).resolves.toBeDefined();
    },
  );

  it("without a good catalog still serves a pinned version, which is checked by its card alone", async () => {
    await bucket.put(CATALOG_KEY, "rubbish");
    const store = newStore();
    const pinned = { name: "alpha", version: fixture.version };
    await expect(store.load(await store.resolve(pinned))).resolves.toMatchObject({
      cardSha256: fixture.cardSha256,
    });
    await flipBit(key("card.json"));
    const other = newStore();
    await expect(other.resolve(pinned).then(other.load)).rejects.toThrow(DigestError);
  });
});

describe("once it has served, the store", () => {
  let next: Fixture;
  let store: ModelStore;
  beforeEach(async () => {
    next = await makeRelease("alpha", "2");
    await putRelease(next);
    store = newStore();
    expect(await versionServed(store, [fixture, next])).toBe(fixture.version);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["rubbish", () => bucket.put(CATALOG_KEY, "rubbish")],
    ["nothing", () => bucket.delete(CATALOG_KEY)],
    [
      "half of it",
      () => bucket.put(CATALOG_KEY, stringifyJson(makeCatalog([fixture, next])).subarray(0, 300)),
    ],
    ["a future schema", () => bucket.put(CATALOG_KEY, stringifyJson({ ...makeCatalog([next]), schema: 9 }))],
    ["two megabytes", () => bucket.put(CATALOG_KEY, new Uint8Array(2 << 20))],
  ])("keeps the last good catalog when the bucket has %s for one, and says so", async (_, breakCatalog) => {
    await breakCatalog();
    for (let i = 0; i < 3; i++) {
      await refresh(store);
      expect(await versionServed(store, [fixture, next])).toBe(fixture.version);
    }
    expect(store.health().problems).toMatchObject([{ what: CATALOG_KEY }]);
    // Once: the log is not flooded while it lasts.
    expect(console.error).toHaveBeenCalledOnce();
    await putCatalog(makeCatalog([fixture, next]));
    await refresh(store);
    expect(await versionServed(store, [fixture, next])).toBe(next.version);
    expect(store.health().problems).toEqual([]);
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array | null, new () => Error]>([
    ["missing", () => null, MissingObjectError],
    ["truncated", (bytes) => bytes.subarray(0, bytes.length - 1), DigestError],
    ["bit-flipped", (bytes) => bytes.map((byte, i) => byte ^ Number(i === bytes.length >> 1)), DigestError],
    ["oversized", () => new Uint8Array(9 << 20), OversizedError],
  ])("keeps the last good version when an object of the next is %s", async (_, damage, error) => {
    await putCatalog(makeCatalog([fixture, next]));
    for (const file of ["card.json", "model.json", "weights.bin"]) {
      const good = next.files.get(file)!;
      const bad = damage(good);
      const path = releaseKey("alpha", next.version, file);
      await (bad ? bucket.put(path, bad) : bucket.delete(path));
      await refresh(store);
      expect(await versionServed(store, [fixture, next])).toBe(fixture.version);
      expect(store.health().problems).toMatchObject([{ what: `alpha@${next.version}` }]);
      await expect(newStore().resolve(undefined)).rejects.toThrow(error);
      await bucket.put(path, good);
    }
    await refresh(store);
    expect(await versionServed(store, [fixture, next])).toBe(next.version);
    expect(store.health().problems).toEqual([]);
  });

  it("keeps the last good version when the card of the next is of a future schema", async () => {
    const card = stringifyJson({ ...next.card, schema: 2 });
    const digest = await crypto.subtle.digest("SHA-256", card);
    const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const version = sha256.slice(0, 12);
    await bucket.put(releaseKey("alpha", version, "card.json"), card);
    for (const file of ["model.json", "weights.bin"]) {
      await bucket.put(releaseKey("alpha", version, file), next.files.get(file)!);
    }
    const catalog: Catalog = makeCatalog([fixture]);
    catalog.models.alpha!.history.push({ version, sha256, publishedAt: "2026-01-02T00:00:00.000Z" });
    catalog.models.alpha!.stable = version;
    await putCatalog(catalog);
    await refresh(store);
    expect(await versionServed(store, [fixture])).toBe(fixture.version);
    await expect(newStore().resolve(undefined)).rejects.toThrow(UnsupportedReleaseError);
  });

  it("shows the stable version to all when the canary is broken, even if it has just started", async () => {
    const catalog = makeCatalog([fixture, next]);
    Object.assign(catalog.models.alpha!, {
      stable: fixture.version,
      canary: { version: next.version, percent: 100 },
    });
    await putCatalog(catalog);
    await bucket.delete(releaseKey("alpha", next.version, "weights.bin"));
    await refresh(store);
    const fresh = newStore();
    for (const each of [store, fresh]) {
      expect(await versionServed(each, [fixture, next])).toBe(fixture.version);
      expect(each.health().problems).toMatchObject([{ what: `alpha@${next.version}` }]);
    }
    // It is looked for again after a pause, not for each seed.
    reads = [];
    expect(await versionServed(fresh, [fixture, next], "8")).toBe(fixture.version);
    expect(reads).toEqual([]);
    await putRelease(next);
    await refresh(store);
    expect(await versionServed(store, [fixture, next])).toBe(next.version);
    clock += 31_000;
    expect(await versionServed(fresh, [fixture, next])).toBe(next.version);
  });

  it.each(["fails", "hangs"] as const)("answers without delay while the bucket %s", async (how) => {
    store = newStore();
    await versionServed(store, [fixture, next]);
    fault = how;
    for (let i = 0; i < 3; i++) {
      clock += 31_000;
      expect(await versionServed(store, [fixture, next])).toBe(fixture.version);
      await settle();
    }
    expect(store.health().problems).toMatchObject([{ what: CATALOG_KEY }]);
    fault = undefined;
    await refresh(store);
    expect(store.health().problems).toEqual([]);
  });
});
