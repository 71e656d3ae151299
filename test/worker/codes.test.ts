// A model with codes over the whole Worker: drawn by its prior, walked in embedding space, refused when damaged.

import { exports } from "cloudflare:workers";
import UPNG from "upng-js";
import { beforeAll, describe, expect, it } from "vitest";
import kernels from "../../build/decode-kernels.wasm";
import { createCodeModel } from "../../shared/codes/model.ts";
import { createReferenceDecoder } from "../../shared/decoder/reference.ts";
import { DigestError, MissingObjectError } from "../../shared/errors.ts";
import { interpolateLatents } from "../../shared/latent.ts";
import { presets } from "../../shared/presets.ts";
import { createGenerator } from "../../shared/random.ts";
import { CODES_FILES, releaseKey } from "../../shared/release.ts";
import { createModelStore } from "../../worker/model-store.ts";
import { type Fixture, makeRelease, packedWeights } from "../fixture.ts";
import { drawPriorWeights } from "../shared/codes/models.ts";
import { bucket, publish } from "./bucket.ts";

const spec = presets["vq-smoke"];
const fetchPath = (path: string) =>
  (exports as unknown as { default: Fetcher }).default.fetch(`https://digits.example${path}`);
const codes = createCodeModel(kernels, spec, drawPriorWeights(spec, "5", true));

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeRelease("grid", "5", spec);
  await publish(fixture);
});

async function greyOf(response: Response): Promise<Uint8Array> {
  expect(response.status).toBe(200);
  const image = UPNG.decode(await response.arrayBuffer());
  return new Uint8Array(UPNG.toRGBA8(image)[0]!).filter((_, i) => i % 4 === 0);
}
const latentOf = (seed: string, digit?: number, temperature = 1) =>
  codes.embed(codes.draw(createGenerator(seed), { digit, temperature }).codes);
const pixelsOf = (latent: Float32Array) =>
  createReferenceDecoder(spec, packedWeights(fixture)).image(latent).pixels;

describe("a model with codes", () => {
  it("draws what its prior gives a seed, a digit and a temperature", async () => {
    const cases = [
      ["", undefined, 1],
      ["&digit=3", 3, 1],
      ["&digit=3&temperature=0.5", 3, 0.5],
      ["&temperature=0", undefined, 0],
      ["&sampler=prior", undefined, 1],
    ] as const;
    for (const [query, digit, temperature] of cases) {
      const found = await greyOf(await fetchPath(`/sample?seed=ada${query}&model=grid`));
      expect(found, query).toEqual(pixelsOf(latentOf("ada", digit, temperature)));
    }
  });

  it("walks straight through the space of embeddings, from one digit to the other", async () => {
    const response = await fetchPath("/interpolate?from=a&to=b&fromDigit=1&toDigit=2&steps=5&format=json");
    const { frames } = (await response.json()) as { frames: { pixels: number[][] }[] };
    const walk = interpolateLatents(latentOf("a", 1), latentOf("b", 2), 5, "lerp");
    expect(frames).toHaveLength(5);
    for (const [i, latent] of walk.entries()) expect(frames[i]!.pixels.flat()).toEqual([...pixelsOf(latent)]);
    expect(walk.at(-1)).toEqual(latentOf("b", 2));
  });

  it("has no mixture, and says so", async () => {
    const response = await fetchPath("/sample?seed=1&sampler=mixture&model=grid");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining("no mixture") });
  });

  it("is served in no part when its codes are damaged or gone", async () => {
    const store = createModelStore(
      bucket,
      () => 0,
      () => {},
    );
    const load = async () => store.load(await store.resolve(undefined));
    const key = releaseKey(fixture.name, fixture.version, CODES_FILES.weights);
    const good = await (await bucket.get(key))!.arrayBuffer();
    const bad = new Uint8Array(good.slice(0));
    bad[bad.length >> 1]! ^= 1;
    await bucket.put(key, bad);
    await expect(load()).rejects.toThrow(DigestError);
    await bucket.delete(key);
    await expect(load()).rejects.toThrow(MissingObjectError);
    await bucket.put(key, good);
    const { codes: loaded, sampler } = await load();
    expect([loaded!.rows, loaded!.columns]).toEqual([7, 7]);
    expect(sampler.draw("x", { digit: 4 }).latent).toEqual(latentOf("x", 4));
  });
});
