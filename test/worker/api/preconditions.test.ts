// What comes before drawing: refusals, which a client's ETag does not hide and which read little; HEAD, which draws nothing.

import { beforeAll, describe, expect, it } from "vitest";
import { CLASSES } from "../../../shared/latent/classes.ts";
import { packMixture, SAMPLER_FILE } from "../../../shared/latent/gaussian/mixture.ts";
import { changeSpec, presets } from "../../../shared/model/presets.ts";
import { CATALOG_KEY } from "../../../shared/release/catalog.ts";
import { createApp } from "../../../worker/app.ts";
import { createModelStore, type ModelStore } from "../../../worker/models/model-store.ts";
import { type Fixture, makeMixture, makeRelease } from "../../fixture.ts";
import { bucket, publish } from "../bucket.ts";

let fixtures: Record<"plain" | "mixed" | "plane" | "codes" | "some", Fixture>;
beforeAll(async () => {
  const latentDim = presets.smoke.latent.dim;
  const mixture = makeMixture(latentDim, "4");
  // Nobody showed it a nine.
  const classes = mixture.classes.map((known, digit) =>
    digit < CLASSES - 1 ? { ...known, prior: Math.fround(1 / 9) } : { prior: 0, components: [] },
  );
  const some = await makeRelease("some", "4", presets.smoke, { latentDim, classes });
  expect(some.files.get(SAMPLER_FILE)).toEqual(packMixture({ latentDim, classes }));
  fixtures = {
    plain: await makeRelease("plain", "2"),
    mixed: await makeRelease("mixed", "3", presets.smoke, makeMixture(latentDim, "3")),
    plane: await makeRelease("plane", "6", changeSpec("smoke", { latentDim: 2 })),
    codes: await makeRelease("codes", "5", presets["vq-smoke"]),
    some,
  };
  await publish(...Object.values(fixtures));
});

let reads: string[] = [];
const newStore = () =>
  createModelStore(
    {
      get: (async (key: string, options: R2GetOptions) => {
        reads.push(key);
        return bucket.get(key, options);
      }) as R2Bucket["get"],
    },
    () => 0,
    () => {},
  );

/** By the card of the model, and by parameters alone. */
const REFUSED_BY_CARD = [
  "/manifold",
  "/manifold?model=codes",
  "/decode?z=0,0",
  "/decode?codes=1",
  "/decode?z=0,0&model=codes",
  "/decode?codes=1,2&model=codes",
  `/decode?codes=${Array(49).fill(16)}&model=codes`,
  "/sample?seed=1&digit=1",
  "/sample?seed=1&sampler=mixture",
  "/sample?seed=1&sampler=prior&digit=1&model=mixed",
  "/sample?seed=1&sampler=mixture&model=codes",
  "/grid?seed=1&digits=12",
  "/grid?seed=1&sampler=prior&digit=1&model=mixed",
  "/interpolate?from=a&to=b&fromDigit=1",
  "/interpolate?seeds=a,b,c&digits=123&sampler=prior&model=mixed",
  "/number/1?seed=1",
  "/number/12?seed=1&sampler=prior&model=mixed",
  "/number/12?seed=1&sampler=mixture&model=codes",
];
const REFUSED_BY_SAMPLER = [
  "/sample?seed=1&digit=9&model=some",
  "/grid?seed=1&digits=789&model=some",
  "/interpolate?from=a&to=b&toDigit=9&model=some",
  "/number/1990?seed=1&model=some",
];
const REFUSED_AS_GIVEN = [
  "/interpolate?from=a&to=b&fps=12",
  "/interpolate?from=a&to=b&fps=13&format=json",
  "/sample?seed=1&format=json&fg=fff",
  "/sample?seed=1&format=json&bg=000",
  "/grid?seed=1&format=json&fg=ffffff",
  "/number/1?seed=1&format=json&bg=000000&model=mixed",
  "/manifold?format=json&fg=fff&model=plane",
  "/decode?z=0,0,0,0&format=json&bg=000",
  "/sample?seed=1&details=false",
  "/sample?seed=1&details=false&format=svg",
  "/interpolate?from=a&to=b&details=false&format=apng",
];
/** With the version in the address. */
function pin(path: string): string {
  const name = /model=(\w+)/.exec(path)?.[1] ?? "plain";
  const url = new URL(path, "http://x");
  url.searchParams.set("model", `${name}@${fixtures[name as keyof typeof fixtures].version}`);
  return url.pathname + url.search;
}

describe("a request that is refused", () => {
  it.each([...REFUSED_BY_CARD, ...REFUSED_BY_SAMPLER, ...REFUSED_AS_GIVEN])(
    "%s is 400, whatever the client has and by HEAD too",
    async (path) => {
      for (const address of [path, pin(path)]) {
        for (const init of [
          {},
          { headers: { "If-None-Match": "*" } },
          { method: "HEAD" },
          { method: "HEAD", headers: { "If-None-Match": "*" } },
        ]) {
          // In an isolate that has just started, and again when the model is in memory.
          const app = createApp(newStore());
          for (const _ of [1, 2]) expect((await app.request(address, init)).status, address).toBe(400);
        }
      }
    },
  );

  it.each(REFUSED_BY_CARD)("%s reads the catalog and a card, and nothing else", async (path) => {
    for (const address of [path, pin(path)]) {
      reads = [];
      expect((await createApp(newStore()).request(address)).status).toBe(400);
      expect(reads).toHaveLength(2);
      expect(reads.toSorted()).toEqual([CATALOG_KEY, expect.stringMatching(/card\.json$/)]);
    }
  });

  it.each(REFUSED_AS_GIVEN)("%s reads nothing", async (path) => {
    reads = [];
    expect((await createApp(newStore()).request(path)).status).toBe(400);
    expect(reads).toEqual([]);
  });
});

describe("a release's files in an isolate that has just started", () => {
  it("need the catalog, the card and the file: no model is loaded", async () => {
    const folder = `/models/plain/${fixtures.plain.version}`;
    const keysOf = async (file: string, method = "GET") => {
      reads = [];
      const response = await createApp(newStore()).request(`${folder}/${file}`, { method });
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      return reads.map((key) => key.split("/").at(-1));
    };
    expect(await keysOf("card.json")).toEqual(["catalog.json", "card.json"]);
    expect(await keysOf("card.json", "HEAD")).toEqual(["catalog.json", "card.json"]);
    expect(await keysOf("weights.bin", "HEAD")).toEqual(["catalog.json", "card.json"]);
    expect(await keysOf("weights.bin")).toEqual(["catalog.json", "card.json", "weights.bin"]);
  });
});

/** So that both replies have one X-Request-Id. */
const SAME_ID = { "cf-ray": "0123456789abcdef-AMS" };

describe("HEAD", () => {
  let drawn = 0;
  /** Counts what is decoded. */
  function counting(store: ModelStore): ModelStore {
    const load: ModelStore["load"] = async (model) => {
      const loaded = await store.load(model);
      const { image, images } = loaded.decoder;
      return {
        ...loaded,
        decoder: {
          ...loaded.decoder,
          image: (latent) => {
            drawn++;
            return image(latent);
          },
          images: (latents) => {
            drawn += latents.length;
            return images(latents);
          },
        },
      };
    };
    return { ...store, load };
  }

  it.each([
    "/sample?seed=1",
    "/sample?seed=1&format=svg",
    "/sample?seed=1&format=json&details=true&model=mixed&digit=3",
    "/interpolate?from=a&to=b&format=apng",
    "/grid?seed=1&size=40",
    "/number/12?seed=1&model=mixed",
    "/manifold?model=plane",
    "/decode?z=0,0,0,0",
    "/sample?seed=1&model=codes",
  ])("%s draws nothing, and has the headers of GET", async (path) => {
    const app = createApp(counting(newStore()));
    for (const address of [path, pin(path)]) {
      drawn = 0;
      const head = await app.request(address, { method: "HEAD", headers: SAME_ID });
      expect([head.status, await head.text(), drawn]).toEqual([200, "", 0]);
      const get = await app.request(address, { headers: SAME_ID });
      expect([get.status, drawn > 0]).toEqual([200, true]);
      expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers));
      await get.arrayBuffer();
    }
  });

  it("without a seed draws nothing either, and names a seed that GET draws", async () => {
    const app = createApp(counting(newStore()));
    drawn = 0;
    const head = await app.request("/sample", { method: "HEAD" });
    expect([head.headers.get("Cache-Control"), drawn]).toEqual(["no-store", 0]);
    expect((await app.request(`/sample?seed=${head.headers.get("X-Seed")}`)).status).toBe(200);
  });

  it.each(["/models", "/models/plain", "/health"])("%s has the headers of GET", async (path) => {
    const app = createApp(newStore());
    const get = await app.request(path, { headers: SAME_ID });
    const head = await app.request(path, { method: "HEAD", headers: SAME_ID });
    expect(await head.text()).toBe("");
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers));
  });
});
