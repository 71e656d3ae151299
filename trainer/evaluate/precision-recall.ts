// How much of what is generated looks real, and how much of what is real can be generated: improved precision and recall
// (Kynkäänniemi et al. 2019, https://arxiv.org/abs/1904.06991).

import { nearestNeighbours, squaredDistances } from "../math/distances.ts";

/** The union of balls around the points of a set, each as wide as the distance to the point's k-th neighbour. */
export interface Manifold {
  /** float32 [n, f], flat */
  readonly features: Float32Array;
  readonly f: number;
  /** Squared, [n]. */
  readonly radii: Float32Array;
}

/**
 * @param features  float32 [n, f], flat, more than k rows
 * @throws ArgumentError
 */
export async function manifoldOf(features: Float32Array, f: number, k = 3): Promise<Manifold> {
  const { distances } = await nearestNeighbours(features, features, f, k, true);
  return { features, f, radii: distances.filter((_, i) => i % k === k - 1) };
}

/**
 * The share of generated images within the manifold of the real ones, and the share of real images within the manifold of
 * the generated ones. Both depend on the counts: compare at equal ones only.
 */
export async function precisionRecall(real: Manifold, generated: Manifold) {
  const isPrecise = new Uint8Array(generated.radii.length);
  const isRecalled = new Uint8Array(real.radii.length);
  for await (const { from, rows, values } of squaredDistances(generated.features, real.features, real.f)) {
    for (let row = 0, at = 0; row < rows; row++) {
      const radius = generated.radii[from + row]!;
      for (let j = 0; j < real.radii.length; j++, at++) {
        const distance = values[at]!;
        if (distance <= real.radii[j]!) isPrecise[from + row] = 1;
        if (distance <= radius) isRecalled[j] = 1;
      }
    }
  }
  const shareOf = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0) / flags.length;
  return { precision: shareOf(isPrecise), recall: shareOf(isRecalled) };
}
