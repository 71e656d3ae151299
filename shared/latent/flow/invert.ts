// The way back through a flow, by Levenberg and Marquardt's steps (Marquardt 1963, https://doi.org/10.1137/0111030) with
// Jacobians from finite differences. The work is bounded, and the same numbers come out on every engine.

/** Each costs one evaluation for each dimension. */
const MAX_JACOBIANS = 4;
/** From a point to the next one of a finite difference: above float32's rounding, below the flow's curvature. */
const STEP = 2 ** -8;
/** Tried all at once, relative to the mean of the squared Jacobian's diagonal; the step that ends nearest counts. */
const DAMPINGS = [1e-6, 1e-3, 1e-2, 0.1, 0.3, 1, 3, 10, 100];

/** Points that `findPreimage` maps at most. */
export function mostEvaluations(dim: number): number {
  return 1 + MAX_JACOBIANS * (dim + DAMPINGS.length);
}

/**
 * The point that a map takes nearest to a target, or what was found of it.
 * @param map  of any number of points; close to the identity, which is where the search begins
 * @param target  float32 [d]
 * @returns float32 [d]
 */
export function findPreimage(
  map: (points: readonly Float32Array[]) => Float32Array[],
  target: Float32Array,
): Float32Array {
  const d = target.length;
  const errorsOf = (image: Float32Array) => image.map((value, i) => target[i]! - value);
  let point = target;
  let [image] = map([point]) as [Float32Array];
  for (let round = 0; round < MAX_JACOBIANS; round++) {
    // Row j of the Jacobian's transpose: what the image does when coordinate j moves.
    const probes = Array.from({ length: d }, (_, j) => point.with(j, point[j]! + STEP));
    const rows = map(probes).map((moved, j) => {
      const distance = probes[j]![j]! - point[j]!;
      return Float64Array.from(moved, (value, i) => (value - image[i]!) / distance);
    });
    const squared = rows.map((a) => Float64Array.from(rows, (b) => dot(a, b)));
    const slope = rows.map((row) => dot(row, errorsOf(image)));
    const scale = squared.reduce((sum, row, j) => sum + row[j]!, 0) / d;
    const candidates = DAMPINGS.map((damping) => {
      const step = solve(squared, slope, damping * scale);
      return point.map((value, j) => value + step[j]!);
    });
    const errors = map(candidates).map((reached, i) => {
      return { point: candidates[i]!, image: reached, squared: squaredNorm(errorsOf(reached)) };
    });
    const best = errors.reduce((a, b) => (b.squared < a.squared ? b : a));
    if (!(best.squared < squaredNorm(errorsOf(image)))) break;
    ({ point, image } = best);
  }
  return point;
}

/** Solves (matrix + damping I) x = right for a symmetric positive definite sum, by Cholesky's factors. */
function solve(matrix: readonly Float64Array[], right: readonly number[], damping: number): Float64Array {
  const d = right.length;
  const lower = matrix.map(() => new Float64Array(d));
  const x = Float64Array.from(right);
  for (let i = 0; i < d; i++) {
    const row = lower[i]!;
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]! + (i === j ? damping : 0);
      for (let k = 0; k < j; k++) rest -= row[k]! * lower[j]![k]!;
      row[j] = i === j ? Math.sqrt(rest) : rest / lower[j]![j]!;
    }
    for (let k = 0; k < i; k++) x[i]! -= row[k]! * x[k]!;
    x[i]! /= row[i]!;
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function squaredNorm(values: Float32Array): number {
  return dot(values, values);
}
