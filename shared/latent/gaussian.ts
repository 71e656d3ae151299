// Seed to latent, by scheme s1, walks between latents, and the plane of two-dimensional ones. Integer and IEEE 754 arithmetic only, so a seed means
// the same digit on every machine.

import { createGenerator, sampleNormal } from "../arithmetic/random.ts";
import { acos, inverseNormalCdf, sin } from "../arithmetic/transcendental.ts";
import { ArgumentError, SamplerError } from "../errors.ts";
import { type Mixture, sampleMixture } from "./mixture.ts";

export const SCHEME = "s1";
/** Characters that `memberSeed` adds at most. */
export const MEMBER_SEED_SUFFIX = 4;

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
 * The seed of one of many that are drawn from one: "42/0", "42/1", ... It is a seed like any other.
 * @param index  from 0 to 999
 */
export function memberSeed(seed: string, index: number): string {
  return `${seed}/${index}`;
}

/** A latent, and what it was drawn from. */
export interface LatentDraw {
  readonly seed: string;
  /** The class whose part of the mixture it was drawn from; the prior has none. */
  readonly digit?: number;
  /** float32 [latentDim] */
  readonly latent: Float32Array;
}

/** The latent alone of `drawFromSeed`. */
export function drawLatent(
  seed: string,
  choice: LatentChoice,
  latentDim: number,
  mixture: Mixture | undefined,
): Float32Array {
  return drawFromSeed(seed, choice, latentDim, mixture).latent;
}

/**
 * The latent that a seed stands for, from a release's mixture or from N(0, I).
 * @param mixture  the release's, where it has one
 * @throws SeedError; SamplerError when a mixture is needed and there is none, or a digit is asked of the prior
 */
export function drawFromSeed(
  seed: string,
  { digit, sampler, temperature = 1 }: LatentChoice,
  latentDim: number,
  mixture: Mixture | undefined,
): LatentDraw {
  checkChoice({ digit, sampler }, mixture !== undefined);
  if (!mixture || sampler === "prior") {
    return { seed, latent: sampleLatent(seed, latentDim).map((value) => temperature * value) };
  }
  return { seed, ...sampleMixture(createGenerator(seed), mixture, { digit, temperature }) };
}

/**
 * Refuses what a release with a Gaussian latent cannot draw.
 * @throws SamplerError when a mixture is needed and there is none, or a digit is asked of the prior
 */
export function checkChoice({ digit, sampler }: LatentChoice, hasMixture: boolean): void {
  if (sampler === "prior") {
    if (digit === undefined) return;
    throw new SamplerError("the prior knows no digits; leave out digit, or sampler=prior");
  }
  if (!hasMixture && (sampler !== undefined || digit !== undefined)) {
    throw new SamplerError("this release has no mixture, so neither digit nor sampler=mixture");
  }
}

/** "slerp" is the arc between two latents (White 2016), "lerp" the straight line. */
export type Path = "slerp" | "lerp";

/**
 * A walk from one latent to another, ends included. Where the two point the same or the opposite way no arc is defined
 * and the walk is straight.
 * @param from, to  float32 [latentDim]
 * @param steps  number of latents, at least 2
 * @returns steps latents; the first and last equal `from` and `to` to the bit
 */
export function interpolateLatents(
  from: Float32Array,
  to: Float32Array,
  steps: number,
  path: Path = "slerp",
): Float32Array[] {
  if (!Number.isInteger(steps) || steps < 2) {
    throw new ArgumentError(`a walk has a whole number of steps, at least 2, found ${steps}`);
  }
  const cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
  const angle = acos(Math.min(1, Math.max(-1, cosine)));
  const isArc = path === "slerp" && sin(angle) > 1e-6;
  return Array.from({ length: steps }, (_, step) => {
    const t = step / (steps - 1);
    const a = isArc ? sin((1 - t) * angle) / sin(angle) : 1 - t;
    const b = isArc ? sin(t * angle) / sin(angle) : t;
    return from.map((value, i) => a * value + b * to[i]!);
  });
}

/** A way through several latents. */
export interface Walk {
  /** Latents from one waypoint to the next, both included; at least 2. */
  readonly steps: number;
  readonly path?: Path;
  /** Ends with the last latent before it would come back to the first, so that it can be repeated without a halt. */
  readonly loop?: boolean;
}

/** Number of latents of `walkLatents`. */
export function walkLength(waypoints: number, { steps, loop = false }: Walk): number {
  return loop ? waypoints * (steps - 1) : (waypoints - 1) * (steps - 1) + 1;
}

/**
 * A walk through waypoints, each of them visited once.
 * @param waypoints  at least 2, float32 [latentDim] each
 * @throws ArgumentError
 */
export function walkLatents(waypoints: readonly Float32Array[], walk: Walk): Float32Array[] {
  const { steps, path = "slerp", loop = false } = walk;
  if (waypoints.length < 2) {
    throw new ArgumentError(`a walk has at least 2 waypoints, found ${waypoints.length}`);
  }
  const ends = loop ? [...waypoints.slice(1), waypoints[0]!] : waypoints.slice(1);
  const legs = ends.map((end, i) => interpolateLatents(waypoints[i]!, end, steps, path));
  return legs.flatMap((leg, i) => (loop || i < legs.length - 1 ? leg.slice(0, -1) : leg));
}

/**
 * Latents over the whole plane, each for an equal share of N(0, I) (Kingma & Welling 2014, Appendix A): the first number
 * grows to the right, the second upwards, both as quantiles of the centres of `cells` equal parts.
 * @param cells  per side, at least 1
 * @returns cells * cells latents, float32 [2], row by row from the top
 */
export function planeLatents(cells: number): Float32Array[] {
  const quantiles = Array.from({ length: cells }, (_, i) => inverseNormalCdf((i + 0.5) / cells));
  return quantiles.toReversed().flatMap((second) => quantiles.map((first) => Float32Array.of(first, second)));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
