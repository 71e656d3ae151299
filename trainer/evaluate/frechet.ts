// The Fréchet distance between Gaussians fitted to two sets of features (Heusel et al. 2017, eq. 6,
// https://arxiv.org/abs/1706.08500), in the features of our own classifier: figures compare only with each other.

import { isDeepStrictEqual } from "node:util";
import { covariance, EigenvalueDecomposition, Matrix } from "ml-matrix";
import { ArgumentError } from "../../shared/errors.ts";

/** Mean, [f], and covariance, [f, f], of a set of features. */
export interface Moments {
  readonly mean: readonly number[];
  readonly covariance: Matrix;
}

/**
 * |mA - mB|^2 + tr(CA + CB - 2 (CA CB)^(1/2)); 0 for equal moments. Its bias falls with the number of images, so
 * compare at equal counts only.
 */
export function frechetDistance(a: Moments, b: Moments): number {
  // The root of a matrix with small eigenvalues magnifies rounding; equal sets need none.
  if (isDeepStrictEqual(a, b)) return 0;
  const rootA = squareRoot(a.covariance);
  // CA CB has the eigenvalues of CA^(1/2) CB CA^(1/2), which is symmetric.
  const deviations = rootsOf(eigen(rootA.mmul(b.covariance).mmul(rootA)));
  const means = a.mean.reduce((sum, mean, i) => sum + (mean - b.mean[i]!) ** 2, 0);
  const variances = a.covariance.trace() + b.covariance.trace();
  return Math.max(0, means + variances - 2 * deviations.reduce((sum, root) => sum + root, 0));
}

/**
 * Mean and unbiased covariance.
 * @param features  float32 [n, f], flat
 * @throws ArgumentError for fewer than two rows, or an incomplete one
 */
export function momentsOf(features: Float32Array, f: number): Moments {
  const n = features.length / f;
  if (!Number.isInteger(n) || n < 2) {
    throw new ArgumentError(
      `features of ${f} numbers an image, at least 2 images; found ${features.length} numbers`,
    );
  }
  const rows = Matrix.from1DArray(n, f, features);
  return { mean: rows.mean("column"), covariance: covariance(rows) };
}

/** The symmetric square root of a positive semi-definite matrix. */
function squareRoot(matrix: Matrix): Matrix {
  const decomposition = eigen(matrix);
  const { eigenvectorMatrix: vectors } = decomposition;
  return vectors.mmul(Matrix.diag(rootsOf(decomposition))).mmul(vectors.transpose());
}

function eigen(matrix: Matrix): EigenvalueDecomposition {
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
}

/** Square roots of the eigenvalues; those that rounding made negative count as 0. */
function rootsOf({ realEigenvalues }: EigenvalueDecomposition): number[] {
  return Array.from(realEigenvalues, (value) => Math.sqrt(Math.max(0, value)));
}
