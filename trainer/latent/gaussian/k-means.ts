// Where expectation-maximisation starts: k-means++ centres and a few rounds of k-means.

import { type Generator, uniform } from "../../../shared/arithmetic/random.ts";

const ROUNDS = 5;

/**
 * Clusters points around centres.
 * @param points  [n, d], n at least 1
 * @returns centres [K, d], fewer than `count` where there are fewer distinct points, and each point's centre, [n]
 */
export function cluster(
  points: Float64Array,
  d: number,
  count: number,
  next: Generator,
): { centres: Float64Array; nearest: Uint16Array } {
  const n = points.length / d;
  const centres = chooseCentres(points, d, count, next);
  const nearest = new Uint16Array(n);
  const sizes = new Float64Array(centres.length / d);
  const sums = new Float64Array(centres.length);
  for (let round = 1; ; round++) {
    sizes.fill(0);
    sums.fill(0);
    for (let p = 0; p < n; p++) {
      let [best, least] = [0, Infinity];
      for (let k = 0; k < sizes.length; k++) {
        const distance = squaredDistance(points, p * d, centres, k * d, d);
        if (distance < least) [best, least] = [k, distance];
      }
      nearest[p] = best;
      sizes[best]!++;
      for (let i = 0; i < d; i++) sums[best * d + i]! += points[p * d + i]!;
    }
    if (round === ROUNDS) return { centres, nearest };
    // A centre that lost its points stays where it is.
    for (let at = 0; at < centres.length; at++) {
      const size = sizes[Math.floor(at / d)]!;
      if (size > 0) centres[at] = sums[at]! / size;
    }
  }
}

/** k-means++ (Arthur & Vassilvitskii 2007): fewer centres than asked where there are fewer distinct points. */
function chooseCentres(points: Float64Array, d: number, count: number, next: Generator): Float64Array {
  const n = points.length / d;
  const centres = new Float64Array(count * d);
  const distances = new Float64Array(n).fill(Infinity);
  let chosen = Math.floor(uniform(next) * n);
  for (let k = 0; ; k++) {
    centres.set(points.subarray(chosen * d, (chosen + 1) * d), k * d);
    if (k + 1 === count) return centres;
    let total = 0;
    for (let p = 0; p < n; p++) {
      distances[p] = Math.min(distances[p]!, squaredDistance(points, p * d, centres, k * d, d));
      total += distances[p]!;
    }
    if (total === 0) return centres.subarray(0, (k + 1) * d);
    let rest = uniform(next) * total;
    chosen = distances.findIndex((distance) => {
      rest -= distance;
      return rest < 0;
    });
    // Rounding can leave a little of the rest.
    if (chosen < 0) chosen = distances.findLastIndex((distance) => distance > 0);
  }
}

function squaredDistance(a: Float64Array, aFrom: number, b: Float64Array, bFrom: number, d: number): number {
  let sum = 0;
  for (let i = 0; i < d; i++) {
    const difference = a[aFrom + i]! - b[bFrom + i]!;
    sum += difference * difference;
  }
  return sum;
}
