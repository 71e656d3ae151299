// The neighbours of a seed: of the thousand seeds that are made from it, those whose latents lie nearest. Each is a seed
// like any other, so each has an address.

import { memberSeed } from "../shared/arithmetic/random.ts";
import type { Mixture } from "../shared/latent/gaussian/mixture.ts";
import { drawFromSeed, type LatentDraw } from "../shared/latent/gaussian/sample.ts";
import { MAX_GROUP_SEED_LENGTH } from "../shared/limits.ts";

/** As many as memberSeed can name. */
const CANDIDATES = 1000;

/** The seed whose members are looked at: itself, or its beginning where members' names would be too long. */
export function familyOf(seed: string): string {
  return [...seed].slice(0, MAX_GROUP_SEED_LENGTH).join("");
}

/**
 * @param count  of neighbours
 * @returns the nearest first
 */
export function findCousins(
  seed: string,
  { digit, temperature }: { readonly digit: number | undefined; readonly temperature: number },
  latentDim: number,
  mixture: Mixture | undefined,
  count: number,
): readonly LatentDraw[] {
  const draw = (name: string) => drawFromSeed(name, { digit, temperature }, latentDim, mixture);
  const self = draw(seed).latent;
  const family = familyOf(seed);
  return Array.from({ length: CANDIDATES }, (_, index) => {
    const cousin = draw(memberSeed(family, index));
    return { cousin, distance: squaredDistance(cousin.latent, self) };
  })
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ cousin }) => cousin);
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}
