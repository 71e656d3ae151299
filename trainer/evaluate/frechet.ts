// The Fréchet distance between Gaussians fitted to two sets of features (Heusel et al. 2017, eq. 6,
// https://arxiv.org/abs/1706.08500), here in the features of our own classifier: figures compare only with each other.

import {
  multiplySquare,
  symmetricEigen,
  symmetricSquareRoot,
} from "../../shared/arithmetic/linear-algebra.ts";
import { ArgumentError } from "../../shared/errors.ts";

/** Mean, float64 [f], and covariance, float64 [f, f], of a set of features. */
export interface Moments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/**
 * |mA - mB|^2 + tr(CA + CB - 2 (CA CB)^(1/2)); 0 for equal sets. Its bias falls with the number of images, so compare
 * at equal counts only.
 * @param featuresA, featuresB  float32 [n, f], flat, at least 2 rows each
 */
export function frechetDistance(featuresA: Float32Array, featuresB: Float32Array, f: number): number {
  return frechetOfMoments(momentsOf(featuresA, f), momentsOf(featuresB, f));
}

/** The same of moments that are known already. */
export function frechetOfMoments(a: Moments, b: Moments): number {
  const f = a.mean.length;
  // The root of a matrix with small eigenvalues magnifies rounding; equal sets need none.
  if (isEqual(a.mean, b.mean) && isEqual(a.covariance, b.covariance)) return 0;
  const rootA = symmetricSquareRoot(a.covariance, f);
  // CA CB has the eigenvalues of CA^(1/2) CB CA^(1/2), which is symmetric.
  const inner = multiplySquare(multiplySquare(rootA, b.covariance, f), rootA, f);
  let distance = 0;
  for (const value of symmetricEigen(symmetrized(inner, f), f).values)
    distance -= 2 * Math.sqrt(Math.max(0, value));
  for (let i = 0; i < f; i++) {
    distance += a.covariance[i * f + i]! + b.covariance[i * f + i]! + (a.mean[i]! - b.mean[i]!) ** 2;
  }
  return Math.max(0, distance);
}

/**
 * Mean and unbiased covariance.
 * @param features  float32 [n, f], flat
 * @throws ArgumentError for fewer than two rows, or a broken one
 */
export function momentsOf(features: Float32Array, f: number): Moments {
  const n = features.length / f;
  if (!Number.isInteger(n) || n < 2) {
    throw new ArgumentError(
      `features of ${f} numbers an image, at least 2 images; found ${features.length} numbers`,
    );
  }
  const mean = new Float64Array(f);
  for (let row = 0; row < n; row++) for (let i = 0; i < f; i++) mean[i]! += features[row * f + i]! / n;
  const covariance = new Float64Array(f * f);
  const centred = new Float64Array(f);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < f; i++) centred[i] = features[row * f + i]! - mean[i]!;
    for (let i = 0; i < f; i++) {
      const value = centred[i]! / (n - 1);
      for (let j = i; j < f; j++) covariance[i * f + j]! += value * centred[j]!;
    }
  }
  for (let i = 0; i < f; i++) for (let j = 0; j < i; j++) covariance[i * f + j] = covariance[j * f + i]!;
  return { mean, covariance };
}

function symmetrized(matrix: Float64Array, n: number): Float64Array {
  return matrix.map((value, at) => (value + matrix[(at % n) * n + Math.floor(at / n)]!) / 2);
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, i) => value === b[i]);
}
