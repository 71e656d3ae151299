// Squared Euclidean distances between all pairs of two sets, by matrix products on the current tfjs backend, a block of rows
// at a time: |a - b|^2 = |a|^2 + |b|^2 - 2 a.b.

import * as tf from "@tensorflow/tfjs";
import { ArgumentError } from "../../shared/errors.ts";

/** Distances held at a time; 16 MB. */
const BLOCK = 4_000_000;

/** Distances of a block of rows of `a` from all of `b`. */
export interface DistanceBlock {
  /** The first row. */
  readonly from: number;
  readonly rows: number;
  /** float32 [rows, count of b], flat, at least 0; valid until the next block. */
  readonly values: Float32Array;
}

/**
 * All distances, block by block in the order of the rows of `a`. Float32 rounding is about 1e-6 of the points' squared
 * distance from the mean of `b`.
 * @param a, b  float32 [n, d], flat
 * @throws ArgumentError if a set is empty or ends with an incomplete point
 */
export async function* squaredDistances(
  a: Float32Array,
  b: Float32Array,
  d: number,
): AsyncGenerator<DistanceBlock> {
  for (const set of [a, b]) {
    if (set.length === 0 || set.length % d !== 0) {
      throw new ArgumentError(`expected one or more points of ${d} numbers, found ${set.length} numbers`);
    }
  }
  const [countA, countB] = [a.length / d, b.length / d];
  const [left, right, leftNorms, rightNorms] = tf.tidy((): tf.Tensor[] => {
    const points = tf.tensor2d(b, [countB, d]);
    // Distances from a common centre are smaller than from the origin, so less cancels.
    const centre = tf.mean(points, 0);
    const [x, y] = [tf.sub(tf.tensor2d(a, [countA, d]), centre), tf.sub(points, centre)];
    return [x, y, tf.sum(tf.square(x), 1, true), tf.sum(tf.square(y), 1)];
  });
  const most = Math.max(1, Math.floor(BLOCK / countB));
  try {
    for (let from = 0; from < countA; from += most) {
      const rows = Math.min(most, countA - from);
      const block = tf.tidy(() => {
        const products = tf.matMul(tf.slice(left!, from, rows), right!, false, true);
        const norms = tf.add(tf.slice(leftNorms!, from, rows), rightNorms!);
        return tf.relu(tf.sub(norms, tf.mul(products, 2)));
      });
      const values = (await block.data()) as Float32Array;
      block.dispose();
      yield { from, rows, values };
    }
  } finally {
    tf.dispose([left!, right!, leftNorms!, rightNorms!]);
  }
}

/** For each query the nearest points, nearest first. */
export interface Neighbours {
  /** [queries, k], indices of points */
  readonly indices: Uint32Array;
  /** float32 [queries, k], squared */
  readonly distances: Float32Array;
}

/**
 * The k nearest points of each query.
 * @param skipSelf  the queries are the points themselves, and a point is not its own neighbour
 * @throws ArgumentError when there are fewer than k points
 */
export async function nearestNeighbours(
  queries: Float32Array,
  points: Float32Array,
  d: number,
  k: number,
  skipSelf = false,
): Promise<Neighbours> {
  const [count, candidates] = [queries.length / d, points.length / d];
  if (!Number.isInteger(k) || k < 1 || k > candidates - (skipSelf ? 1 : 0)) {
    throw new ArgumentError(`k = ${k} nearest neighbours among ${candidates} points`);
  }
  const indices = new Uint32Array(count * k);
  const distances = new Float32Array(count * k).fill(Infinity);
  for await (const { from, rows, values } of squaredDistances(queries, points, d)) {
    for (let row = 0; row < rows; row++) {
      const query = from + row;
      const [first, last] = [query * k, query * k + k - 1];
      let farthest = Infinity;
      for (let j = 0, at = row * candidates; j < candidates; j++, at++) {
        const distance = values[at]!;
        if (distance >= farthest || (skipSelf && j === query)) continue;
        let place = last;
        for (; place > first && distances[place - 1]! > distance; place--) {
          distances[place] = distances[place - 1]!;
          indices[place] = indices[place - 1]!;
        }
        distances[place] = distance;
        indices[place] = j;
        farthest = distances[last]!;
      }
    }
  }
  return { indices, distances };
}
