// Walks between latents, and the plane of two-dimensional ones, by the arithmetic of scheme s1.

import { acos, inverseNormalCdf, sin } from "../arithmetic/transcendental.ts";
import { ArgumentError } from "../errors.ts";

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

/** Where latents lie: float32 [latentDim] each. */
export interface Spread {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/**
 * Latents over the whole plane, each for an equal share of a normal distribution (Kingma & Welling 2014, Appendix A): the
 * first number grows to the right, the second upwards, both as quantiles of the centres of `cells` equal parts.
 * @param cells  per side, at least 1
 * @param spread  of the distribution; without it, N(0, I)
 * @returns cells * cells latents, float32 [2], row by row from the top
 */
export function planeLatents(cells: number, spread?: Spread): Float32Array[] {
  const quantiles = Array.from({ length: cells }, (_, i) => inverseNormalCdf((i + 0.5) / cells));
  const points = quantiles.toReversed().flatMap((second) => quantiles.map((first) => [first, second]));
  return points.map((point) => {
    const standard = Float32Array.from(point);
    if (!spread) return standard;
    return standard.map((value, axis) => value * spread.deviation[axis]! + spread.mean[axis]!);
  });
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
