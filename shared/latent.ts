// Seed to latent, by scheme s1, and walks between latents. Integer and IEEE 754 arithmetic only, so a seed means
// the same digit on every machine.

import { acos, sin } from "./arithmetic.ts";
import { ArgumentError, SamplerError } from "./errors.ts";
import { type Mixture, sampleMixture } from "./mixture.ts";
import { createGenerator, sampleNormal } from "./random.ts";

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

/** How a latent is drawn, beside its seed. */
export interface LatentChoice {
  /** 0 to 9; needs the mixture. */
  readonly digit?: number | undefined;
  /** "prior" is N(0, I); without a choice it is the release's mixture, where it has one. */
  readonly sampler?: "mixture" | "prior" | undefined;
  /** Spread about the mean, 0 to 2; 1 (the default) is the distribution itself. */
  readonly temperature?: number | undefined;
}

/**
 * The latent that a seed stands for, from a release's mixture or from N(0, I).
 * @param mixture  the release's, where it has one
 * @returns float32 [latentDim]
 * @throws SeedError; SamplerError when a mixture is needed and there is none, or a digit is asked of the prior
 */
export function drawLatent(
  seed: string,
  { digit, sampler, temperature = 1 }: LatentChoice,
  latentDim: number,
  mixture: Mixture | undefined,
): Float32Array {
  if (sampler === "prior" || (!mixture && sampler === undefined && digit === undefined)) {
    if (digit !== undefined)
      throw new SamplerError("the prior knows no digits; leave out digit, or sampler=prior");
    return sampleLatent(seed, latentDim).map((value) => temperature * value);
  }
  if (!mixture) throw new SamplerError("this release has no mixture, so neither digit nor sampler=mixture");
  return sampleMixture(createGenerator(seed), mixture, { digit, temperature }).latent;
}

/**
 * A walk from one latent to another along the arc between them (slerp, White 2016), ends included.
 * Where the two point the same or the opposite way no arc is defined and the walk is straight.
 * @param from, to  float32 [latentDim]
 * @param steps  number of latents, at least 2
 * @returns steps latents; the first and last equal `from` and `to` to the bit
 */
export function interpolateLatents(from: Float32Array, to: Float32Array, steps: number): Float32Array[] {
  checkSteps(steps);
  const cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
  const angle = acos(Math.min(1, Math.max(-1, cosine)));
  const isArc = sin(angle) > 1e-6;
  return Array.from({ length: steps }, (_, step) => {
    const t = step / (steps - 1);
    const a = isArc ? sin((1 - t) * angle) / sin(angle) : 1 - t;
    const b = isArc ? sin(t * angle) / sin(angle) : t;
    return from.map((value, i) => a * value + b * to[i]!);
  });
}

/**
 * A straight walk from one latent to another, ends included (float64 sums, rounded to float32).
 * @param steps  number of latents, at least 2
 * @returns steps latents; the first and last equal `from` and `to` to the bit
 */
export function mixLatents(from: Float32Array, to: Float32Array, steps: number): Float32Array[] {
  checkSteps(steps);
  return Array.from({ length: steps }, (_, step) => {
    const t = step / (steps - 1);
    return from.map((value, i) => (1 - t) * value + t * to[i]!);
  });
}

function checkSteps(steps: number): void {
  if (!Number.isInteger(steps) || steps < 2) {
    throw new ArgumentError(`a walk has a whole number of steps, at least 2, found ${steps}`);
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
