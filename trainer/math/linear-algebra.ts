// Factors of symmetric positive definite matrices, row-major float64 [n, n].

import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { ArgumentError } from "../../shared/errors.ts";

/**
 * Lower triangular L with L L^T = matrix, [n, n].
 * @throws ArgumentError if the matrix is not positive definite
 */
export function choleskyFactor(matrix: Float64Array, n: number): Float64Array {
  const rows = Matrix.from1DArray(n, n, matrix);
  // NaN does not equal itself, so a matrix with NaN is not symmetric.
  const decomposition = rows.isSymmetric() ? new CholeskyDecomposition(rows) : undefined;
  if (!decomposition?.isPositiveDefinite()) {
    const smallest = Math.min(...rows.diagonal());
    throw new ArgumentError(
      `expected a positive definite matrix, found one with ${smallest} on its diagonal`,
    );
  }
  return Float64Array.from(decomposition.lowerTriangularMatrix.to1DArray());
}

/**
 * Upper triangular U with U^T U = matrix^-1, [n, n]: the inverse of the reversed matrix's Cholesky factor, reversed.
 * @throws ArgumentError where the matrix is not positive definite
 */
export function inverseFactor(matrix: Float64Array, n: number): Float64Array {
  const lower = choleskyFactor(matrix.toReversed(), n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    inverse[i * n + i] = 1;
    for (let k = 0; k < i; k++) {
      const factor = lower[i * n + k]!;
      for (let j = 0; j <= k; j++) inverse[i * n + j]! -= factor * inverse[k * n + j]!;
    }
    for (let j = 0; j <= i; j++) inverse[i * n + j]! /= lower[i * n + i]!;
  }
  return inverse.reverse();
}
