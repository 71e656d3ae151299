// The training images that are nearest to given ones, in pixel space.

import { type Dataset, gatherImages } from "../data/dataset.ts";
import { nearestNeighbours } from "../math/distances.ts";

/** Training images compared at a time. */
const CHUNK = 5000;

/** The training file, and those of its images that the model was trained on. */
export interface TrainingImages {
  readonly file: Dataset;
  readonly training: Uint32Array;
}

export interface Nearest {
  /** Index in the file. */
  readonly index: number;
  /** Euclidean, with levels from 0 to 1. */
  readonly distance: number;
}

/**
 * Needs a tfjs backend.
 * @param queries  float32 [n, height, width] in [0, 1], flat
 * @param k  as many for each query, at most all; nearest first
 */
export async function nearestTraining(
  queries: Float32Array,
  { file, training }: TrainingImages,
  k: number,
): Promise<Nearest[][]> {
  const pixels = file.height * file.width;
  const found: Nearest[][] = Array.from({ length: queries.length / pixels }, () => []);
  for (let from = 0; from < training.length; from += CHUNK) {
    const some = training.subarray(from, from + CHUNK);
    const most = Math.min(k, some.length);
    const { indices, distances } = await nearestNeighbours(queries, gatherImages(file, some), pixels, most);
    for (const [query, own] of found.entries()) {
      for (let i = query * most; i < (query + 1) * most; i++) {
        own.push({ index: some[indices[i]!]!, distance: Math.sqrt(distances[i]!) });
      }
      own.sort((a, b) => a.distance - b.distance).splice(k);
    }
  }
  return found;
}
