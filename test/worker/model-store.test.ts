// Loading from a real bucket: digests, shared loads, failures that are not remembered, bounded memory.

import { beforeEach, describe, expect, it } from "vitest";
import {
  DigestError,
  MissingObjectError,
  SchemaError,
  UnknownModelError,
  UnknownVersionError,
} from "../../shared/errors.ts";
import { drawLatent, sampleLatent } from "../../shared/latent.ts";
import { presets } from "../../shared/presets.ts";
import { CATALOG_KEY, releaseKey } from "../../shared/release.ts";
import { createModelStore } from "../../worker/model-store.ts";
import {
  expectedPixels,
  type Fixture,
  makeCatalog,
  makeMixture,
  makeRelease,
  packedWeights,
} from "../fixture.ts";
import { bucket, publish, putCatalog, putRelease } from "./bucket.ts";

let fixture: Fixture;
let clock: number;
let reads: string[];
let pending: Promise<unknown>[];

beforeEach(async () => {
  fixture = await makeRelease("alpha", "1");
  await publish(fixture);
  [clock, reads, pending] = [0, [], []];
});

const newStore = () =>
  createModelStore(
    {
      get: ((key: string) => {
        reads.push(key);
        return bucket.get(key);
      }) as R2Bucket["get"],
    },
    () => clock,
    (load) => pending.push(load),
  );
const key = (file: string) => releaseKey(fixture.name, fixture.version, file);
const loadDefault = async (store = newStore()) => store.load(await store.resolve(undefined));

describe("the model store", () => {
  it("loads a model that draws as its weights say", async () => {
    const { decoder } = await loadDefault();
    const { pixels } = decoder.image(sampleLatent("7", fixture.card.spec.latentDim));
    expect(pixels).toEqual(expectedPixels(fixture, "7", packedWeights(fixture)));
  });

  it("reads each object once for any number of concurrent requests", async () => {
    const store = newStore();
    await Promise.all(Array.from({ length: 50 }, () => loadDefault(store)));
    await loadDefault(store);
    expect(reads.toSorted()).toEqual(
      [CATALOG_KEY, key("card.json"), key("model.json"), key("sampler.bin"), key("weights.bin")].toSorted(),
    );
  });

  it("sees a new stable version when the catalog is 30 seconds old, and keeps serving the pinned one", async () => {
    const store = newStore();
    await loadDefault(store);
    const next = await makeRelease("alpha", "2");
    await putRelease(next);
    await putCatalog(makeCatalog([fixture, next]));
    clock = 29_000;
    expect((await store.resolve(undefined)).version).toBe(fixture.version);
    clock = 31_000;
    expect((await store.resolve(undefined)).version).toBe(next.version);
    expect((await store.resolve({ name: "alpha", version: fixture.version })).isPinned).toBe(true);
  });

  it("refuses models and versions that the catalog does not name", async () => {
    const store = newStore();
    await expect(store.resolve({ name: "gamma" })).rejects.toThrow(UnknownModelError);
    await expect(store.resolve({ name: "toString" })).rejects.toThrow(UnknownModelError);
    await expect(store.resolve({ name: "alpha", version: "0123456789ab" })).rejects.toThrow(
      UnknownVersionError,
    );
  });

  it("keeps only the eight models that were used last", async () => {
    const fixtures = await Promise.all(Array.from({ length: 9 }, (_, i) => makeRelease(`m${i}`, `${i}`)));
    await publish(...fixtures);
    const store = newStore();
    const load = async (name: string) => store.load(await store.resolve({ name }));
    for (const { name } of fixtures) await load(name);
    reads = [];
    await load("m8");
    expect(reads).toEqual([]);
    await load("m0");
    expect(reads).toContain(releaseKey("m0", fixtures[0]!.version, "card.json"));
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

  it("whose sampler is damaged or gone serves nothing, though the decoder is whole", async () => {
    fixture = await makeRelease("alpha", "1", presets.smoke, makeMixture(presets.smoke.latentDim, "1"));
    await publish(fixture);
    const { sampler } = await loadDefault();
    expect(sampler.draw("7", { digit: 3 })).toEqual(
      drawLatent("7", { digit: 3 }, presets.smoke.latentDim, fixture.mixture),
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

  it("is tried again as soon as it is mended", async () => {
    const store = newStore();
    const good = await (await bucket.get(key("weights.bin")))!.arrayBuffer();
    await flipBit(key("weights.bin"));
    await expect(loadDefault(store)).rejects.toThrow(DigestError);
    await bucket.put(key("weights.bin"), good);
    await Promise.all(pending);
    await expect(loadDefault(store)).resolves.toBeDefined();
  });
});
