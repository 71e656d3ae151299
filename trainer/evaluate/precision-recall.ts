// How much of what is generated looks real, and how much of what is real can be generated: improved precision and recall
// (Kynkäänniemi et al. 2019, https://arxiv.org/abs/1904.06991).

import { nearestNeighbours, squaredDistances } from "./distances.ts";

export interface PrecisionRecall {
  /** Share of generated images within the manifold of the real ones, 0 to 1. */
  readonly precision: number;
  /** Share of real images within the manifold of the generated ones, 0 to 1. */
  readonly recall: number;
}

/**
 * A set's manifold is the union of balls around its points, each as wide as the distance to the point's k-th neighbour.
 * Both figures depend on the counts: compare at equal ones only.
 * @param real, generated  features, float32 [n, f], flat, more than k of each
 * @throws ArgumentError
 */
export async function precisionRecall(
  real: Float32Array,
  generated: Float32Array,
  f: number,
  k = 3,
): Promise<PrecisionRecall> {
  const realRadii = await squaredRadii(real, f, k);
  const generatedRadii = await squaredRadii(generated, f, k);
  const isPrecise = new Uint8Array(generatedRadii.length);
  const isRecalled = new Uint8Array(realRadii.length);
  for await (const { from, rows, values } of squaredDistances(generated, real, f)) {
    for (let row = 0, at = 0; row < rows; row++) {
      const radius = generatedRadii[from + row]!;
      for (let j = 0; j < realRadii.length; j++, at++) {
        const distance = values[at]!;
        if (distance <= realRadii[j]!) isPrecise[from + row] = 1;
        if (distance <= radius) isRecalled[j] = 1;
      }
    }
  }
  return { precision: shareOf(isPrecise), recall: shareOf(isRecalled) };
}

async function squaredRadii(points: Float32Array, f: number, k: number): Promise<Float32Array> {
  const { distances } = await nearestNeighbours(points, points, f, k, true);
  return Float32Array.from({ length: points.length / f }, (_, i) => distances[i * k + k - 1]!);
}

function shareOf(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0) / flags.length;
}
