// Symmetric positive definite matrices, row-major float64 [n, n].

import { ArgumentError } from "../../shared/errors.ts";

/**
 * Lower triangular L with L L^T = matrix.
 * @throws ArgumentError where the matrix is not positive definite, or holds NaN
 */
export function choleskyLower(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      lower[i * n + j] = i === j ? Math.sqrt(pivotOf(sum, i)) : sum / lower[j * n + j]!;
    }
  }
  return lower;
}

/** Written so that NaN fails too. */
function pivotOf(value: number, row: number): number {
  if (value > 0) return value;
  throw new ArgumentError(`expected a positive definite matrix, found ${value} as the pivot of row ${row}`);
}

/** Upper triangular U with U^T U = matrix. */
export function choleskyUpper(matrix: Float64Array, n: number): Float64Array {
  const lower = choleskyLower(matrix, n);
  const upper = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) upper[j * n + i] = lower[i * n + j]!;
  return upper;
}

/** The inverse, by way of the inverse of its Cholesky factor. */
export function invertPositive(matrix: Float64Array, n: number): Float64Array {
  const lower = choleskyLower(matrix, n);
  // Rows of `columns` are the columns of the factor's inverse.
  const columns = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    columns[j * n + j] = 1 / lower[j * n + j]!;
    for (let i = j + 1; i < n; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= lower[i * n + k]! * columns[j * n + k]!;
      columns[j * n + i] = sum / lower[i * n + i]!;
    }
  }
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sum = 0;
      for (let k = j; k < n; k++) sum += columns[i * n + k]! * columns[j * n + k]!;
      inverse[i * n + j] = sum;
      inverse[j * n + i] = sum;
    }
  }
  return inverse;
}
