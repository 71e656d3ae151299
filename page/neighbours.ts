// The neighbours of a seed: of the thousand seeds derived from it, those whose latents lie nearest. Each is an ordinary
// seed, so each has an address.

import { memberSeed } from "../shared/arithmetic/random.ts";
import type { LatentChoice, LatentDraw, OpenLatent } from "../shared/latent/latent-kind.ts";
import { MAX_GROUP_SEED_LENGTH } from "../shared/limits.ts";

/** As many as memberSeed can name. */
const CANDIDATES = 1000;

/** The seed that members are derived from: the seed itself, or its beginning where their names would be too long. */
export function familyOf(seed: string): string {
  return [...seed].slice(0, MAX_GROUP_SEED_LENGTH).join("");
}

/**
 * @param count  of neighbours
 * @returns the nearest first
 */
export function findNeighbours(
  seed: string,
  choice: LatentChoice,
  { drawAll }: Pick<OpenLatent, "drawAll">,
  count: number,
): readonly LatentDraw[] {
  const family = familyOf(seed);
  const names = Array.from({ length: CANDIDATES }, (_, index) => memberSeed(family, index));
  const [self, ...members] = drawAll([seed, ...names].map((name) => ({ ...choice, seed: name })));
  return members
    .map((neighbour) => ({
      neighbour,
      distance: neighbour.latent.reduce((sum, value, i) => sum + (value - self!.latent[i]!) ** 2, 0),
    }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ neighbour }) => neighbour);
}
