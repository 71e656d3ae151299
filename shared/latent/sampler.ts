// Seeds to the decoder's inputs, whatever kind of latent a model has: the one place where drawing tells them apart.

import { createGenerator } from "../arithmetic/random.ts";
import { SamplerError } from "../errors.ts";
import type { ModelSpec } from "../model/spec.ts";
import type { CodeModel } from "./codes/code-model.ts";
import type { Mixture } from "./gaussian/mixture.ts";
import { drawFromSeed, type LatentChoice, type LatentDraw } from "./gaussian/sample.ts";
import { latentDim } from "./kind.ts";
import { type Walk, walkLatents } from "./walk.ts";

/** A latent, and what it was drawn from. */
export interface SampledDraw extends LatentDraw {
  /** Of a model with codes, [rows * columns]; the latent is their embeddings. */
  readonly codes?: Uint16Array;
}

export interface Sampler {
  /** Those that it can be asked for: none without a mixture, else what training had. */
  readonly digits: readonly number[];
  /**
   * What a seed stands for.
   * @throws SeedError; SamplerError when the release cannot draw in the way that is asked for
   */
  readonly draw: (seed: string, choice: LatentChoice) => SampledDraw;
  /**
   * A walk through latents, see walkLatents. The space of embeddings has no arcs: through it every path is straight, and
   * the steps between two grids of codes are no codes.
   * @param waypoints  at least 2, float32 [latentDim] each
   * @throws ArgumentError
   */
  readonly walk: (waypoints: readonly Float32Array[], walk: Walk) => Float32Array[];
}

/** Draws from a release's mixture, or from N(0, I). */
export function createGaussianSampler(spec: ModelSpec, mixture: Mixture | undefined): Sampler {
  return {
    digits: mixture?.classes.flatMap(({ components }, digit) => (components.length > 0 ? [digit] : [])) ?? [],
    draw: (seed, choice) => drawFromSeed(seed, choice, latentDim(spec), mixture),
    walk: walkLatents,
  };
}

/** Draws from the prior over a release's codes. */
export function createCodeSampler({
  draw,
  embed,
  digits,
}: Pick<CodeModel, "draw" | "embed" | "digits">): Sampler {
  return {
    digits,
    draw: (seed, { digit, sampler, temperature = 1 }) => {
      checkCodesChoice({ sampler });
      const drawn = draw(createGenerator(seed), { digit, temperature });
      return { seed, ...drawn, latent: embed(drawn.codes) };
    },
    walk: (waypoints, walk) => walkLatents(waypoints, { ...walk, path: "lerp" }),
  };
}

/**
 * Refuses what a release with codes cannot draw.
 * @throws SamplerError
 */
export function checkCodesChoice({ sampler }: LatentChoice): void {
  if (sampler !== "mixture") return;
  throw new SamplerError("this release draws codes from its own prior and has no mixture; leave out sampler");
}
