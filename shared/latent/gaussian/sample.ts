// Seed to latent, by scheme s1. Integer and IEEE 754 arithmetic only, so a seed means the same digit on every machine.

import { createGenerator, sampleNormal } from "../../arithmetic/random.ts";
import { SamplerError } from "../../errors.ts";
import type { LatentChoice, LatentDraw } from "../latent-kind.ts";
import { type Mixture, sampleMixture } from "./mixture.ts";

export const SCHEME = "s1";

/**
 * The latent that a seed stands for, a draw from N(0, I).
 * @param seed  1 to 128 characters (Unicode code points, not normalised); "0" is as good as any
 * @returns float32 [latentDim]
 * @throws SeedError
 */
export function sampleLatent(seed: string, latentDim: number): Float32Array {
  return sampleNormal(createGenerator(seed), new Float32Array(latentDim));
}

/**
 * The latent that a seed stands for, from a release's mixture or from N(0, I).
 * @param mixture  the release's, where it has one
 * @throws SeedError; SamplerError when a mixture is needed and there is none, or a digit is asked of the prior
 */
export function drawFromSeed(
  seed: string,
  { temperature = 1, ...choice }: LatentChoice,
  latentDim: number,
  mixture: Mixture | undefined,
): Omit<LatentDraw, "numbers"> {
  checkChoice(choice, mixture !== undefined);
  const { digit, sampler } = choice;
  if (!mixture || sampler === "prior") {
    return { seed, latent: sampleLatent(seed, latentDim).map((value) => temperature * value) };
  }
  return { seed, ...sampleMixture(createGenerator(seed), mixture, { digit, temperature }) };
}

/**
 * Refuses what a release with a Gaussian latent cannot draw.
 * @throws SamplerError when a mixture is needed and there is none, a digit is asked of the prior, or guidance of either
 */
export function checkChoice({ digit, sampler, guidance }: LatentChoice, hasMixture: boolean): void {
  if (guidance !== undefined) throw new SamplerError("this release has no guidance; omit guidance");
  if (sampler === "prior") {
    if (digit === undefined) return;
    throw new SamplerError("sampler=prior is not class-conditional; omit digit or sampler");
  }
  if (!hasMixture && (sampler !== undefined || digit !== undefined)) {
    throw new SamplerError("this release has no mixture, so neither digit nor sampler=mixture");
  }
}
