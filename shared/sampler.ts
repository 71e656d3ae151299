// Seeds to the decoder's inputs, whatever kind of latent a model has: the one place where drawing tells them apart.

import type { CodeModel } from "./codes/model.ts";
import { SamplerError } from "./errors.ts";
import { drawLatent, interpolateLatents, type LatentChoice, mixLatents } from "./latent.ts";
import type { Mixture } from "./mixture.ts";
import type { ModelSpec } from "./model.ts";
import { createGenerator } from "./random.ts";

export interface Sampler {
  /**
   * The latent that a seed stands for.
   * @returns float32 [latentDim]
   * @throws SeedError; SamplerError when the release cannot draw in the way that is asked for
   */
  readonly draw: (seed: string, choice: LatentChoice) => Float32Array;
  /**
   * A walk between two latents, ends included: along the arc between Gaussian ones; between grids of codes straight
   * through the space of embeddings, where the steps between are no codes.
   * @param steps  at least 2
   */
  readonly walk: (from: Float32Array, to: Float32Array, steps: number) => Float32Array[];
}

/** Draws from a release's mixture, or from N(0, I). */
export function createGaussianSampler({ latentDim }: ModelSpec, mixture: Mixture | undefined): Sampler {
  return {
    draw: (seed, choice) => drawLatent(seed, choice, latentDim, mixture),
    walk: interpolateLatents,
  };
}

/** Draws from the prior over a release's codes. */
export function createCodeSampler({ draw, embed }: CodeModel): Sampler {
  return {
    draw: (seed, { digit, sampler, temperature = 1 }) => {
      if (sampler === "mixture") {
        throw new SamplerError(
          "this release draws codes from its own prior and has no mixture; leave out sampler",
        );
      }
      return embed(draw(createGenerator(seed), { digit, temperature }).codes);
    },
    walk: mixLatents,
  };
}
