// How the frozen vectors of scheme f1 are computed: latents that a flow with fixed weights draws for 200 seeds, and the
// pixels that they become. test/vectors/f1.json holds the answers. What is drawn is never edited; the noises of the way back,
// which no address depends on, may be when the search gets better.

import { createDecoder } from "../../shared/decoder/decoder.ts";
import { createFlowLatent } from "../../shared/latent/flow/latent.ts";
import { planDecoder } from "../../shared/model/plan.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { drawWeights } from "../fixture.ts";
import { drawFlowWeights, flowLatentSpec, flowSpec } from "../shared/latent/flow/flow-models.ts";
import { bitsOf, hashOf } from "./frozen.ts";
import { codeSeeds as flowSeeds } from "./frozen-codes.ts";

export { flowSeeds };

const shape = { dim: 18, width: 64, blocks: 2 };
const model: ModelSpec = flowSpec(shape);
export const spec = flowLatentSpec(shape);
export const weights = drawFlowWeights(spec, "vectors/flow", true);

/** Ways of drawing that are frozen: the digit left to the seed, and digits at temperatures and guidances. */
export const choices = [
  {},
  { digit: 0, temperature: 0 },
  { digit: 4, temperature: 0.5, guidance: 0.3 },
  { digit: 9, temperature: 2, guidance: 0.5 },
] as const;

export interface FrozenFlow {
  readonly firstLatent: string;
  /** By choice, by seed. */
  readonly latents: readonly (readonly string[])[];
  readonly digits: readonly number[];
  /** Of the first choice, by seed. */
  readonly pixels: readonly string[];
  /** Latents of a walk through three seeds, and the way back from the first ten latents: noise and reading. */
  readonly walk: string;
  readonly noises: readonly string[];
  readonly readings: readonly string[];
}

/** What the kernels draw. */
export function computeFlow(kernels: WebAssembly.Module): FrozenFlow {
  const latent = createFlowLatent(kernels, spec, weights);
  const decoder = createDecoder(kernels, model, drawWeights(planDecoder(model), "vectors/flow", 0.1));
  const drawn = choices.map((choice) => latent.drawAll(flowSeeds.map((seed) => ({ ...choice, seed }))));
  const first = drawn[0]!;
  const walk = latent.walk(first.slice(0, 3), { steps: 9, loop: true });
  return {
    firstLatent: bitsOf(first[0]!.latent),
    latents: drawn.map((draws) => draws.map((draw) => hashOf(draw.latent))),
    digits: first.map(({ digit }) => digit),
    pixels: decoder.images(first.map((draw) => draw.latent)).map(({ pixels }) => hashOf(pixels)),
    walk: hashOf(Float32Array.from(walk.flatMap((point) => [...point.latent]))),
    noises: first.slice(0, 10).map((draw) => {
      return hashOf(latent.findNoise(draw.latent).numbers.noise as Float32Array);
    }),
    readings: first.slice(0, 10).map((draw) => {
      return hashOf(new Uint8Array(Float64Array.from(latent.readDigit(draw.latent)).buffer));
    }),
  };
}
