// How the frozen vectors of scheme n1 are computed: noise, and what a decoder with layers of it draws for 200 seeds.
// test/vectors/n1.json holds the answers; it is never edited.

import { createDecoder } from "../../shared/decoder/decoder.ts";
import { noiseOf } from "../../shared/decoder/noise.ts";
import { createGaussianLatent } from "../../shared/latent/gaussian/latent.ts";
import { seedGrain, withGrain } from "../../shared/latent/grain.ts";
import { planDecoder } from "../../shared/model/plan.ts";
import { presets } from "../../shared/model/presets.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { drawWeights } from "../fixture.ts";
import { bitsOf, hashOf } from "./frozen.ts";
import { codeSeeds as noiseSeeds } from "./frozen-codes.ts";

export { noiseSeeds };

/** Layers of noise at two sizes, one of them in planes of a number of places that four does not divide. */
export const spec: ModelSpec = {
  ...presets.smoke,
  decoder: [
    { kind: "dense", units: 392, activation: "relu" },
    { kind: "reshape", shape: [7, 7, 8] },
    { kind: "noise", version: 1, planes: 3 },
    { kind: "conv2dTranspose", filters: 4, kernel: 4, stride: 2, activation: "relu" },
    { kind: "noise", version: 1, planes: 2 },
    { kind: "conv2dTranspose", filters: 1, kernel: 4, stride: 2, activation: "hardSigmoid" },
  ],
};
export const dim = 4;
export const weights = drawWeights(planDecoder(spec), "vectors/noise", 0.3);

export interface FrozenNoise {
  readonly grains: readonly number[];
  /** One plane's first 16 numbers, and all planes of a layer for the first ten seeds. */
  readonly first: string;
  readonly planes: readonly string[];
  /** Of the decoder, by seed. */
  readonly logits: readonly string[];
  readonly pixels: readonly string[];
  /** Pixels of a walk through three seeds. */
  readonly walk: string;
}

/** What the kernels draw. */
export function computeNoise(kernels: WebAssembly.Module): FrozenNoise {
  const latent = withGrain(createGaussianLatent(dim, undefined), dim);
  const decoder = createDecoder(kernels, spec, weights);
  const draws = latent.drawAll(noiseSeeds.map((seed) => ({ seed })));
  const digits = decoder.images(draws.map((draw) => draw.latent));
  const walk = decoder.images(
    latent.walk(draws.slice(0, 3), { steps: 9, loop: true }).map((point) => point.latent),
  );
  const grains = noiseSeeds.map((seed) => seedGrain(seed));
  return {
    grains,
    first: bitsOf(noiseOf(grains[0]!, 2, 16, 1)),
    planes: grains.slice(0, 10).map((grain) => hashOf(noiseOf(grain, 5, 784, 4))),
    logits: digits.map((digit) => hashOf(digit.logits)),
    pixels: digits.map((digit) => hashOf(digit.pixels)),
    walk: hashOf(Uint8Array.from(walk.flatMap((digit) => [...digit.pixels]))),
  };
}
