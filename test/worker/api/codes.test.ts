// A model with codes over the whole Worker: drawn by its prior, walked in embedding space, refused when damaged.

import { exports } from "cloudflare:workers";
import UPNG from "upng-js";
import { beforeAll, describe, expect, it } from "vitest";
import kernels from "../../../build/decode-kernels.wasm";
import { createReferenceDecoder } from "../../../shared/decoder/reference.ts";
import { DigestError, MissingObjectError } from "../../../shared/errors.ts";
import { encodePng } from "../../../shared/image/png.ts";
import { CODES_FILES } from "../../../shared/latent/codes/kind.ts";
import { createCodesLatent } from "../../../shared/latent/codes/latent.ts";
import { interpolateLatents, walkLatents } from "../../../shared/latent/walk.ts";
import { presets } from "../../../shared/model/presets.ts";
import { releaseKey } from "../../../shared/release/release.ts";
import { createModelStore } from "../../../worker/models/model-store.ts";
import { type Fixture, makeRelease, packedWeights } from "../../fixture.ts";
import { drawPriorWeights } from "../../shared/latent/codes/code-models.ts";
import { bucket, publish } from "../bucket.ts";

const spec = presets["vq-smoke"];
const fetchPath = (path: string, init?: RequestInit) =>
  (exports as unknown as { default: Fetcher }).default.fetch(`https://digits.example${path}`, init);
const readJson = async <T>(path: string) => (await (await fetchPath(path)).json()) as T;

interface Cell {
  readonly seed: string;
  readonly digit: number;
  readonly codes: number[];
  readonly latent?: number[];
  readonly pixels: number[][];
}
interface Walk {
  readonly frames: Cell[];
}
interface Encoded {
  readonly codes: number[];
  readonly digits: null;
  readonly fitted: { readonly pixels: number[][] };
}

const PNG = { "Content-Type": "image/png" };
/** White on black, upright. */
const BAR = encodePng({
  width: 40,
  height: 40,
  pixels: Uint8Array.from({ length: 1600 }, (_, i) =>
    i % 40 > 17 && i % 40 < 23 && i > 320 && i < 1280 ? 255 : 0,
  ),
});
const codes = createCodesLatent(kernels, spec, drawPriorWeights(spec, "5", true));

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
  codes.draw(seed, { digit, temperature }).latent;
const pixelsOf = (latent: Float32Array) =>
  createReferenceDecoder(spec, packedWeights(fixture)).image(latent).pixels;

describe("a model with codes", () => {
  it("draws what its prior samples for a seed, a digit and a temperature", async () => {
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

  it("closes a walk through several grids, which path=slerp does not bend", async () => {
    const ends = ["a", "b", "c"].map((seed) => latentOf(seed));
    const walk = walkLatents(ends, { steps: 3, path: "lerp", loop: true });
    const address = "/interpolate?seeds=a,b,c&steps=3&loop=true&format=json&model=grid";
    const straight = await readJson<Walk>(`${address}&path=lerp`);
    expect(straight.frames.map(({ pixels }) => Uint8Array.from(pixels.flat()))).toEqual(walk.map(pixelsOf));
    expect(await readJson<Walk>(`${address}&path=slerp`)).toEqual(straight);
  });

  it("draws grids and numbers whose digits /sample draws alone, and returns their codes", async () => {
    const grid = await readJson<{ cells: Cell[] }>(
      "/grid?seed=s&rows=2&cols=2&digits=36&format=json&model=grid",
    );
    expect(grid.cells.map(({ seed, digit }) => [seed, digit])).toEqual([
      ["s/0", 3],
      ["s/1", 3],
      ["s/2", 6],
      ["s/3", 6],
    ]);
    for (const { seed, digit, codes: drawn, latent, pixels } of grid.cells) {
      expect(latent).toBeUndefined();
      expect(codes.decode(drawn)).toEqual(latentOf(seed, digit));
      expect(pixels.flat()).toEqual([...pixelsOf(codes.decode(drawn))]);
    }
    const number = await readJson<{ digits: Cell[] }>("/number/36?seed=s&format=json&model=grid");
    const typical = [latentOf("s/0", 3, 0.6), latentOf("s/1", 6, 0.6)];
    expect(number.digits.map(({ codes: drawn }) => codes.decode(drawn))).toEqual(typical);
  });

  it("encodes a picture as the codes nearest to the encoder's output, which decode to its reconstruction", async () => {
    const send = (path: string) => fetchPath(path, { method: "POST", body: BAR, headers: PNG });
    const encoded = (await (await send("/encode?model=grid")).json()) as Encoded;
    expect(Object.keys(encoded)).toEqual(["model", "codes", "digits", "fit", "fitted"]);
    expect(encoded.digits).toBeNull();
    const encoder = await createModelStore(
      bucket,
      () => 0,
      () => {},
    )
      .load({ ...fixture, isPinned: true, isCurrent: true })
      .then((model) => model.encoder());
    const input = Float32Array.from(encoded.fitted.pixels.flat(), (level) => level / 255);
    expect(encoded.codes).toEqual([...codes.encode(encoder.encode(input)).values]);
    const decoded = await readJson<Cell>(`/decode?codes=${encoded.codes}&format=json&model=grid`);
    expect([decoded.codes, decoded.latent]).toEqual([encoded.codes, undefined]);
    expect(decoded.pixels.flat()).toEqual([...pixelsOf(codes.decode(encoded.codes))]);
    const both = (await (await send("/reconstruct?format=json&model=grid")).json()) as {
      reconstruction: Cell;
    };
    expect(both.reconstruction.pixels).toEqual(decoded.pixels);
  });

  it("takes codes, not a latent, and as many as it has", async () => {
    const refusals: [string, string, string][] = [
      ["/decode?z=0,1&model=grid", "z", "49 codes"],
      ["/decode?z=0,1&codes=1&model=grid", "codes", "not both"],
      ["/decode?codes=1,2&model=grid", "codes", "7 x 7 codes; found 2"],
      [`/decode?codes=${Array(49).fill(16)}&model=grid`, "codes", "0 to 15; found 16 at cell 0"],
      ["/decode?codes=01&model=grid", "codes", "whole numbers"],
      ["/decode?model=grid", "z", 'or "codes"'],
      ["/manifold?model=grid", "model", "has a grid of codes"],
    ];
    for (const [path, parameter, words] of refusals) {
      const response = await fetchPath(path);
      expect(response.status, path).toBe(400);
      expect(await response.json()).toMatchObject({ parameter, detail: expect.stringContaining(words) });
    }
  });

  it("has no mixture, and says so", async () => {
    const response = await fetchPath("/sample?seed=1&sampler=mixture&model=grid");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining("no mixture") });
  });

  it("is not served at all when its codes are damaged or missing", async () => {
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
    const { latent } = await load();
    expect(latent.draw("x", { digit: 4 }).latent).toEqual(latentOf("x", 4));
  });
});
