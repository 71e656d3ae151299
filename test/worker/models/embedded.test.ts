// What the Worker serves of the release that it carries: from an empty bucket, without a bucket, and once there is a catalog.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { latentDim } from "../../../shared/latent/kind.ts";
import { presets } from "../../../shared/model/presets.ts";
import { CATALOG_KEY } from "../../../shared/release/catalog.ts";
import { type Objects, packObjects, unpackObjects } from "../../../shared/release/packed-objects.ts";
import { releaseKey, stringifyJson } from "../../../shared/release/release.ts";
import { createApp } from "../../../worker/app.ts";
import type { ReadableBucket } from "../../../worker/models/bucket-reader.ts";
import { createModelStore } from "../../../worker/models/model-store.ts";
import { warmUp } from "../../../worker/warm-up.ts";
import { type Fixture, makeCatalog, makeMixture, makeRelease, objectsOf } from "../../fixture.ts";
import { bucket, putCatalog, putRelease } from "../bucket.ts";

const IMMUTABLE = "public, max-age=31536000, immutable, no-transform";
const UNCONFIRMED = "public, max-age=60, stale-if-error=600, no-transform";

let own: Fixture;
let next: Fixture;
let embedded: Objects;
let clock = 1e6;
let pending: Promise<unknown>[] = [];
/** Keys that were read. */
let read: string[] = [];
beforeAll(async () => {
  const mixture = makeMixture(latentDim(presets.smoke), "1");
  [own, next] = await Promise.all([
    makeRelease("alpha", "1", presets.smoke, mixture),
    makeRelease("alpha", "2", presets.smoke, mixture),
  ]);
  const objects = new Map([[CATALOG_KEY, stringifyJson(makeCatalog([own]))], ...objectsOf(own)]) as Objects;
  embedded = unpackObjects(packObjects(objects).buffer);
  expect(embedded).toEqual(objects);
});
beforeEach(async () => {
  for (const { key } of (await bucket.list()).objects) await bucket.delete(key);
  pending = [];
  read = [];
});

const watched: ReadableBucket = {
  get: ((key: string, options?: R2GetOptions) => {
    read.push(key);
    return bucket.get(key, options);
  }) as ReadableBucket["get"],
};
const storeOver = (stored: ReadableBucket | undefined) =>
  createModelStore(
    stored,
    () => clock,
    (work) => pending.push(work),
    { embedded },
  );
const appOver = (stored: ReadableBucket | undefined) => createApp(storeOver(stored));
async function settle() {
  while (pending.length > 0) await pending.shift();
}
const pinned = ({ name, version }: Fixture) => `${name}@${version}`;
const ask = async (app: ReturnType<typeof appOver>, path: string) => {
  const reply = await app.request(path);
  await reply.arrayBuffer();
  const { headers, status } = reply;
  return { status, model: headers.get("X-Model"), cache: headers.get("Cache-Control") };
};

describe("from an empty bucket", () => {
  it("the embedded release is drawn, encoded, listed and downloaded, and only the catalog is looked for", async () => {
    const app = appOver(watched);
    for (const path of [
      "/sample?seed=1&digit=7",
      "/number/12?seed=1",
      `/sample?seed=1&model=${pinned(own)}`,
      `/models/alpha/${own.version}/encoder.bin`,
    ]) {
      expect(await ask(app, path)).toMatchObject({ status: 200, model: pinned(own) });
    }
    expect(await (await app.request("/models")).json()).toMatchObject({
      default: "alpha",
      models: [{ name: "alpha", stable: own.version }],
    });
    expect(new Set(read)).toEqual(new Set([CATALOG_KEY]));
    expect(read).toHaveLength(1);
  });

  it("pinned pictures are not immutable, since a catalog may be lost, and /health says what is missing", async () => {
    const app = appOver(watched);
    expect(await ask(app, `/sample?seed=1&model=${pinned(own)}`)).toMatchObject({ cache: UNCONFIRMED });
    expect(await (await app.request("/health")).json()).toMatchObject({
      status: "degraded",
      model: pinned(own),
      problems: [{ what: CATALOG_KEY, why: expect.stringContaining("has no object") }],
    });
  });

  it("other models are unknown", async () => {
    expect((await appOver(watched).request("/sample?model=beta")).status).toBe(404);
  });

  it("a rehearsal loads the release without reading anything, and the catalog is read for the first request", async () => {
    const store = storeOver(watched);
    await warmUp(store, createApp(store));
    expect(read).toEqual([]);
    expect(store.health()).toMatchObject({
      catalogCheckedAt: undefined,
      loaded: { models: 1 },
      problems: [],
    });
    await putRelease(next);
    await putCatalog(makeCatalog([own, next]));
    expect(await ask(createApp(store), "/sample?seed=1")).toMatchObject({ status: 200, model: pinned(next) });
    expect(read[0]).toBe(CATALOG_KEY);
  });

  it("a rehearsal is not refused by a budget that a digit exceeds, since a refusal cannot be made outside of requests", async () => {
    const store = storeOver(watched);
    const lines: string[] = [];
    const app = createApp(store, { budget: 1, log: (line) => lines.push(line) });
    await warmUp(store, app);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ route: "/sample", status: 304 }]);
    expect((await app.request("/sample?seed=1")).status).toBe(400);
  });

  it("a rehearsal without an embedded release does nothing", async () => {
    const store = createModelStore(
      watched,
      () => clock,
      () => {},
    );
    await warmUp(store, createApp(store));
    expect([read, store.health().loaded.models]).toEqual([[], 0]);
  });
});

describe("without a bucket", () => {
  it("the embedded release is all there is, and its pinned pictures are immutable", async () => {
    const app = appOver(undefined);
    expect(await ask(app, "/sample?seed=1")).toMatchObject({ status: 200, model: pinned(own) });
    expect(await ask(app, `/sample?seed=1&model=${pinned(own)}`)).toMatchObject({ cache: IMMUTABLE });
    expect(await (await app.request("/health")).json()).toMatchObject({ status: "ok", problems: [] });
    expect((await app.request(`/sample?seed=1&model=${pinned(next)}`)).status).toBe(404);
  });
});

describe("once there is a catalog", () => {
  it("it decides what is live; the embedded version's own objects are not read even then", async () => {
    const app = appOver(watched);
    expect(await ask(app, "/sample?seed=1")).toMatchObject({ model: pinned(own) });
    await putRelease(next);
    await putCatalog(makeCatalog([own, next]));
    clock += 31_000;
    await ask(app, "/sample?seed=1");
    await settle();
    expect(await ask(app, "/sample?seed=1")).toMatchObject({ status: 200, model: pinned(next) });
    expect(await ask(app, `/sample?seed=1&model=${pinned(own)}`)).toMatchObject({
      status: 200,
      cache: IMMUTABLE,
    });
    expect(read.filter((key) => key.includes(own.version))).toEqual([]);
    expect(read).toContain(releaseKey("alpha", next.version, "weights.bin"));
  });

  it("a withdrawn embedded version is 410, also while the catalog cannot be read any more", async () => {
    const catalog = makeCatalog([own, next]);
    const { alpha } = catalog.models;
    const history = alpha!.history.map((item) =>
      item.version === own.version ? { ...item, withdrawn: { at: item.publishedAt, reason: "wrong" } } : item,
    );
    await putRelease(next);
    await putCatalog({ ...catalog, models: { alpha: { ...alpha!, history } } });
    const app = appOver(watched);
    const withdrawn = `/sample?seed=1&model=${pinned(own)}`;
    expect((await ask(app, withdrawn)).status).toBe(410);
    await bucket.delete(CATALOG_KEY);
    clock += 31_000;
    expect((await ask(app, withdrawn)).status).toBe(410);
    expect(await ask(app, "/sample?seed=1")).toMatchObject({ status: 200, model: pinned(next) });
  });

  it("a bucket that cannot be read is not an empty one: a new isolate refuses names, and draws pinned addresses", async () => {
    const broken: ReadableBucket = {
      get: (async () => Promise.reject(new Error("down"))) as ReadableBucket["get"],
    };
    const app = appOver(broken);
    expect((await app.request("/sample?seed=1")).status).toBe(503);
    expect(await ask(app, `/sample?seed=1&model=${pinned(own)}`)).toMatchObject({
      status: 200,
      cache: UNCONFIRMED,
    });
  });
});
