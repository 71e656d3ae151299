// Seed to latent, by scheme s1, and walks between latents. Integer and IEEE 754 arithmetic only, so a seed means
// the same digit on every machine.

import { acos, sin } from "./arithmetic.ts";
import { ArgumentError } from "./errors.ts";
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

/**
 * A walk from one latent to another along the arc between them (slerp, White 2016), ends included.
 * Where the two point the same or the opposite way no arc is defined and the walk is straight.
 * @param from, to  float32 [latentDim]
 * @param steps  number of latents, at least 2
 * @returns steps latents; the first and last equal `from` and `to` to the bit
 */
export function interpolateLatents(from: Float32Array, to: Float32Array, steps: number): Float32Array[] {
  if (!Number.isInteger(steps) || steps < 2) {
    throw new ArgumentError(`a walk has a whole number of steps, at least 2, found ${steps}`);
  }
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

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
