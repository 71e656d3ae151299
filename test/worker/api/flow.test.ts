// A model with a flow over the whole Worker: drawn in batches, guided, walked in noise space, found again from a picture,
// refused when damaged.

import { exports } from "cloudflare:workers";
import UPNG from "upng-js";
import { beforeAll, describe, expect, it } from "vitest";
import kernels from "../../../build/decode-kernels.wasm";
import { GRAINS } from "../../../shared/decoder/noise.ts";
import { createReferenceDecoder } from "../../../shared/decoder/reference.ts";
import { DigestError, MissingObjectError } from "../../../shared/errors.ts";
import { encodePng } from "../../../shared/image/png.ts";
import { FLOW_FILES } from "../../../shared/latent/flow/kind.ts";
import { createFlowLatent } from "../../../shared/latent/flow/latent.ts";
import { seedGrain } from "../../../shared/latent/grain.ts";
import type { LatentChoice } from "../../../shared/latent/latent-kind.ts";
import { presets } from "../../../shared/model/presets.ts";
import { releaseKey } from "../../../shared/release/release.ts";
import { createModelStore } from "../../../worker/models/model-store.ts";
import { type Fixture, makeRelease, packedWeights } from "../../fixture.ts";
import { drawFlowWeights, flowLatentSpec, flowSpec } from "../../shared/latent/flow/flow-models.ts";
import { bucket, publish } from "../bucket.ts";

const shape = { dim: 6, width: 32, blocks: 2 };
const fetchPath = (path: string, init?: RequestInit) =>
  (exports as unknown as { default: Fetcher }).default.fetch(`https://digits.example${path}`, init);
const readJson = async <T>(path: string) => (await (await fetchPath(path)).json()) as T;

interface Cell {
  readonly seed: string;
  readonly digit: number;
  readonly noise: number[];
  readonly latent: number[];
  readonly pixels: number[][];
}
interface Walk {
  readonly waypoints: Cell[];
  readonly frames: Cell[];
}
interface Encoded {
  readonly mu: number[];
  readonly noise: number[];
  readonly roundTrip: { readonly latent: number; readonly pixels: number };
  readonly digits: number[];
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
const flow = createFlowLatent(
  kernels,
  flowLatentSpec(shape),
  drawFlowWeights(flowLatentSpec(shape), "6", true),
);

const plane = { dim: 2, width: 16, blocks: 1 };

let fixture: Fixture;
let noisy: Fixture;
let pinned: string;
beforeAll(async () => {
  fixture = await makeRelease("flow", "6", flowSpec(shape));
  noisy = await makeRelease("noisy", "8", { ...flowSpec(shape), decoder: presets["flow-smoke"].decoder });
  await publish(
    fixture,
    await makeRelease("alpha", "2"),
    await makeRelease("grid", "5", presets["vq-smoke"]),
    await makeRelease("plane", "7", flowSpec(plane)),
    noisy,
  );
  pinned = `flow@${fixture.version}`;
});

async function greyOf(response: Response): Promise<Uint8Array> {
  expect(response.status).toBe(200);
  const image = UPNG.decode(await response.arrayBuffer());
  return new Uint8Array(UPNG.toRGBA8(image)[0]!).filter((_, i) => i % 4 === 0);
}
const pixelsOf = (latent: ArrayLike<number>, of = fixture) =>
  createReferenceDecoder(of.card.spec, packedWeights(of)).image(Float32Array.from(latent)).pixels;
const canonical = async (path: string) => {
  const link = (await fetchPath(path)).headers.get("Link")!;
  return decodeURIComponent(link.slice(1, link.indexOf(">")));
};

describe("a model with a flow", () => {
  it("draws what the flow gives a seed, a digit, a temperature and a guidance", async () => {
    const cases: [string, LatentChoice][] = [
      ["", {}],
      ["&digit=3", { digit: 3 }],
      ["&digit=3&temperature=0.5&guidance=0.4", { digit: 3, temperature: 0.5, guidance: 0.4 }],
      ["&guidance=0", { guidance: 0 }],
      ["&sampler=prior", {}],
    ];
    for (const [query, choice] of cases) {
      const found = await greyOf(await fetchPath(`/sample?seed=ada${query}&model=flow`));
      expect(found, query).toEqual(pixelsOf(flow.draw("ada", choice).latent));
    }
  });

  it("keeps guidance in a canonical address unless it is the model's own", async () => {
    const address = `/sample?model=${pinned}&picture=2&seed=1`;
    expect(await canonical("/sample?seed=1")).toBe(address);
    expect(await canonical("/sample?seed=1&guidance=0.1250")).toBe(address);
    expect(await canonical("/sample?seed=1&guidance=0.30")).toBe(
      `/sample?guidance=0.3&model=${pinned}&picture=2&seed=1`,
    );
  });

  it("draws grids and numbers whose digits /sample draws alone, and tells their noise", async () => {
    const { cells } = await readJson<{ cells: Cell[] }>(
      "/grid?seed=s&rows=5&cols=5&digits=36&guidance=0.5&format=json",
    );
    expect(cells).toHaveLength(25);
    for (const { seed, digit, noise, latent, pixels } of cells) {
      const draw = flow.draw(seed, { digit, guidance: 0.5 });
      expect([noise, latent].map((values) => Float32Array.from(values))).toEqual([draw.noise, draw.latent]);
      expect(pixels.flat()).toEqual([...pixelsOf(draw.latent)]);
    }
    const { digits } = await readJson<{ digits: Cell[] }>("/number/36?seed=s&format=json&guidance=0.2");
    const typical = [3, 6].map((digit, i) => {
      return flow.draw(`s/${i}`, { digit, temperature: 0.6, guidance: 0.2 }).latent;
    });
    expect(digits.map(({ latent }) => Float32Array.from(latent))).toEqual(typical);
  });

  it("walks through noise, from one digit to the other", async () => {
    const address = "/interpolate?from=a&to=b&fromDigit=1&toDigit=2&steps=5&format=json&details=true";
    const draws = [flow.draw("a", { digit: 1 }), flow.draw("b", { digit: 2 })];
    for (const path of ["slerp", "lerp"] as const) {
      const { waypoints, frames } = await readJson<Walk>(`${address}&path=${path}`);
      const points = flow.walk(draws, { steps: 5, path });
      expect(waypoints.map(({ noise }) => Float32Array.from(noise))).toEqual(draws.map(({ noise }) => noise));
      for (const [i, { noise, latent, pixels }] of frames.entries()) {
        expect(Float32Array.from(latent)).toEqual(points[i]!.latent);
        expect(Float32Array.from(noise)).toEqual(points[i]!.numbers.noise);
        expect(pixels.flat()).toEqual([...pixelsOf(points[i]!.latent)]);
      }
    }
    const { frames } = await readJson<Walk>("/interpolate?seeds=a,b,c&steps=3&loop=true&format=json");
    expect(frames).toHaveLength(6);
  });

  it("encodes a picture: its latent, its noise with the error of the way back, and which digit it is", async () => {
    const send = (path: string) => fetchPath(path, { method: "POST", body: BAR, headers: PNG });
    const encoded = (await (await send("/encode")).json()) as Encoded;
    expect(Object.keys(encoded)).toEqual([
      ...["model", "mu", "logVar", "noise", "roundTrip", "digits", "fit", "fitted"],
    ]);
    const mu = Float32Array.from(encoded.mu);
    expect(encoded.digits).toEqual(flow.readDigit(mu).map((p) => Number(p.toPrecision(6))));
    const found = flow.findNoise(mu);
    expect(Float32Array.from(encoded.noise)).toEqual(found.numbers.noise);
    const square = found.latent.reduce((sum, value, i) => sum + (value - mu[i]!) ** 2, 0) / mu.length;
    expect(encoded.roundTrip.latent).toBeCloseTo(Math.sqrt(square), 5);
    expect(encoded.roundTrip.pixels).toBeGreaterThanOrEqual(0);
    const decoded = await readJson<Cell>(`/decode?z=${encoded.mu}&format=json`);
    expect(decoded.pixels.flat()).toEqual([...pixelsOf(mu)]);
    const both = (await (await send("/reconstruct?format=json")).json()) as { reconstruction: Cell };
    expect(both.reconstruction.pixels).toEqual(decoded.pixels);
  });

  it("shows the plane where its latents lie, if they have two dimensions", async () => {
    const weights = drawFlowWeights(flowLatentSpec(plane), "7", true);
    const { spread } = createFlowLatent(kernels, flowLatentSpec(plane), weights);
    const { cells } = await readJson<{ cells: Cell[] }>("/manifold?model=plane&cells=3&format=json");
    // The middle third is the mean; a sixth of a normal distribution lies 0.97 deviations below it.
    for (const axis of [0, 1]) {
      expect(cells[4]!.latent[axis]).toBeCloseTo(spread.mean[axis]!, 6);
      const corner = cells[6]!.latent[axis]! - spread.mean[axis]!;
      expect(corner / spread.deviation[axis]!).toBeCloseTo(-0.9674, 4);
    }
    const { latent, pixels } = cells[6]!;
    const decoded = await readJson<Cell>(`/decode?model=plane&format=json&z=${latent.join(",")}`);
    expect(decoded.pixels).toEqual(pixels);
  });

  it("is refused what it does not have, and others are refused guidance", async () => {
    const refusals: [string, string][] = [
      ["/decode?z=0,1", "has 6 numbers, found 2"],
      ["/decode?codes=1", "has no codes"],
      ["/manifold", "has 6 latent dimensions"],
      ["/sample?seed=1&sampler=mixture", "no mixture"],
      ["/sample?seed=1&guidance=0.6", "from 0 to 0.5"],
      ["/sample?seed=1&guidance=.1", "from 0 to 0.5"],
      ["/sample?seed=1&guidance=0.2&model=alpha", "no guidance"],
      ["/grid?seed=1&guidance=0.2&model=grid", "no guidance"],
      ["/number/1?seed=1&guidance=0.2&model=grid", "no guidance"],
      ["/interpolate?from=1&to=2&guidance=0&model=alpha", "no guidance"],
    ];
    for (const [path, words] of refusals) {
      const response = await fetchPath(path);
      expect(response.status, path).toBe(400);
      expect(await response.json(), path).toMatchObject({ detail: expect.stringContaining(words) });
    }
  });

  it("is served in no part when its flow is damaged or gone", async () => {
    const store = createModelStore(
      bucket,
      () => 0,
      () => {},
    );
    const load = async () => store.load(await store.resolve(undefined));
    const key = releaseKey(fixture.name, fixture.version, FLOW_FILES.weights);
    const good = await (await bucket.get(key))!.arrayBuffer();
    const bad = new Uint8Array(good.slice(0));
    bad[bad.length >> 1]! ^= 1;
    await bucket.put(key, bad);
    await expect(load()).rejects.toThrow(DigestError);
    await bucket.delete(key);
    await expect(load()).rejects.toThrow(MissingObjectError);
    await bucket.put(key, good);
    const { latent } = await load();
    expect(latent.draw("x", { digit: 4 }).latent).toEqual(flow.draw("x", { digit: 4 }).latent);
  });
});

describe("a model with noise", () => {
  const { dim } = shape;
  const cellOf = (path: string) => readJson<Cell>(`${path}&format=json&model=noisy`);

  it("draws a seed's own noise, which the last number of the latent tells", async () => {
    expect(noisy.card.scheme).toBe("f1+n1");
    const cell = await cellOf("/sample?seed=ada&digit=3&details=true");
    expect(cell.latent).toHaveLength(dim + 1);
    expect(Math.fround(cell.latent[dim]!)).toBe(seedGrain("ada") / GRAINS);
    expect(cell.pixels.flat()).toEqual([...pixelsOf(cell.latent, noisy)]);
    const decoded = await cellOf(`/decode?z=${cell.latent}`);
    expect(decoded.pixels).toEqual(cell.pixels);
    const plain = await cellOf(`/decode?z=${cell.latent.slice(0, dim)}`);
    expect(plain.pixels.flat()).toEqual([...pixelsOf(cell.latent.slice(0, dim), noisy)]);
    expect(plain.pixels).not.toEqual(cell.pixels);
    expect((await cellOf(`/decode?z=${[...cell.latent.slice(0, dim), 0]}`)).pixels).toEqual(plain.pixels);
    const still = await cellOf("/sample?seed=ada&digit=3&temperature=0&details=true");
    expect(still.latent[dim]).toBe(0);
  });

  it("gives each digit of a grid its own, and a walk that of its start", async () => {
    const { cells } = await readJson<{ cells: Cell[] }>("/grid?seed=s&rows=2&cols=3&format=json&model=noisy");
    for (const { seed, latent, pixels } of cells) {
      expect(Math.fround(latent[dim]!), seed).toBe(seedGrain(seed) / GRAINS);
      expect(pixels.flat()).toEqual([...pixelsOf(latent, noisy)]);
    }
    const { frames } = await readJson<Walk>(
      "/interpolate?from=a&to=b&steps=4&format=json&details=true&model=noisy",
    );
    for (const { latent, pixels } of frames) {
      expect(Math.fround(latent[dim]!)).toBe(seedGrain("a") / GRAINS);
      expect(pixels.flat()).toEqual([...pixelsOf(latent, noisy)]);
    }
  });

  it("reads pictures without", async () => {
    const send = (path: string) => fetchPath(path, { method: "POST", body: BAR, headers: PNG });
    const { mu } = (await (await send("/encode?model=noisy")).json()) as Encoded;
    expect(mu).toHaveLength(dim);
    const both = (await (await send("/reconstruct?format=json&model=noisy")).json()) as {
      reconstruction: Cell;
    };
    expect(both.reconstruction.pixels.flat()).toEqual([...pixelsOf(mu, noisy)]);
  });

  it.each([
    ["1,2,3,4,5,6,0.99999999", "grain is from 0 to below 1, found 1"],
    ["1,2,3,4,5,6,1", "grain is from 0 to below 1, found 1"],
    ["1,2,3,4,5,6,-0.5", "grain is from 0 to below 1, found -0.5"],
    ["1,2,3,4,5,6,0,0", "has 6 numbers, or 7 with its grain, found 8"],
  ])("refuses the latent %s", async (z, words) => {
    const response = await fetchPath(`/decode?z=${z}&model=noisy`);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { detail: expect.stringContaining(words) },
    ]);
  });
});
