// The way back through a flow, by Levenberg and Marquardt's steps (Marquardt 1963, https://doi.org/10.1137/0111030). Their
// Jacobians come from finite differences, and each is corrected by the steps that it leads to (Broyden 1965,
// https://doi.org/10.1090/S0025-5718-1965-0198670-6). The work is bounded, and the same numbers come out on every engine.

/** Each costs one evaluation for each dimension. */
const MAX_JACOBIANS = 3;
/** Steps that each of them leads to. */
const STEPS = 4;
/** From a point to the next one of a finite difference: above float32's rounding, below the flow's curvature. */
const DIFFERENCE = 2 ** -8;
/** Tried all at once, relative to the mean of the squared Jacobian's diagonal; the step that ends nearest counts. */
const DAMPINGS = [1e-6, 0.01, 0.1, 0.5, 3, 30];
/** Root mean square of the coordinates' errors at which the search ends, in the target's units. */
const TOLERANCE = 0.001;

/** Points that `findPreimage` maps at most. */
export function mostEvaluations(dim: number): number {
  return 1 + MAX_JACOBIANS * (dim + STEPS * DAMPINGS.length);
}

type PointMap = (points: readonly Float32Array[]) => Float32Array[];
interface Iterate {
  readonly point: Float32Array;
  /** What the map makes of it. */
  readonly image: Float32Array;
}
/** Row j is what the image does when coordinate j of the point moves: the Jacobian's transpose. */
type Jacobian = readonly Float64Array[];

/**
 * The point that a map takes nearest to a target, or what was found of it.
 * @param map  of any number of points; close to the identity, which is where the search begins
 * @param target  float32 [d]
 * @returns float32 [d]
 */
export function findPreimage(map: PointMap, target: Float32Array): Float32Array {
  const errorOf = ({ image }: Iterate) => {
    const residual = minus(target, image);
    return dot(residual, residual);
  };
  let here: Iterate = { point: target, image: map([target])[0]! };
  for (let count = 0; count < MAX_JACOBIANS; count++) {
    const jacobian = differentiate(map, here);
    const start = here;
    for (let step = 0; step < STEPS; step++) {
      const points = candidates(jacobian, here.point, minus(target, here.image));
      const reached = map(points).map((image, i) => ({ point: points[i]!, image }));
      const best = reached.reduce((a, b) => (errorOf(a) <= errorOf(b) ? a : b));
      updateBroyden(jacobian, here, best);
      if (errorOf(best) < errorOf(here)) here = best;
      if (errorOf(here) <= target.length * TOLERANCE ** 2) return here.point;
    }
    if (here === start) break;
  }
  return here.point;
}

function differentiate(map: PointMap, { point, image }: Iterate): Jacobian {
  const probes = Array.from(point, (value, j) => point.with(j, value + DIFFERENCE));
  return map(probes).map((moved, j) => {
    const distance = probes[j]![j]! - point[j]!;
    return Float64Array.from(moved, (value, i) => (value - image[i]!) / distance);
  });
}

/** Where a step from a point may lead, by each damping. */
function candidates(jacobian: Jacobian, point: Float32Array, residual: Float64Array): Float32Array[] {
  // The normal matrix; its lower triangle is all that is read.
  const normal = jacobian.map((a, i) => {
    const row = new Float64Array(i + 1);
    for (let j = 0; j <= i; j++) row[j] = dot(a, jacobian[j]!);
    return row;
  });
  const gradient = jacobian.map((row) => dot(row, residual));
  const scale = normal.reduce((sum, row, j) => sum + row[j]!, 0) / point.length;
  return DAMPINGS.map((damping) => {
    const step = solve(normal, gradient, damping * scale);
    return point.map((value, j) => value + step[j]!);
  });
}

/** Changes a Jacobian as little as explains what a step did, by Broyden's first method. */
function updateBroyden(jacobian: Jacobian, from: Iterate, to: Iterate): void {
  const step = minus(to.point, from.point);
  const squared = dot(step, step);
  if (!(squared > 0)) return;
  const surprise = minus(to.image, from.image).map(
    (change, i) => change - jacobian.reduce((sum, row, j) => sum + row[i]! * step[j]!, 0),
  );
  for (const [j, row] of jacobian.entries()) {
    for (let i = 0; i < row.length; i++) row[i]! += (surprise[i]! * step[j]!) / squared;
  }
}

/**
 * Solves (matrix + damping I) x = right for a symmetric positive definite sum, by Cholesky's factors.
 * @param matrix  its lower triangle
 */
function solve(matrix: readonly Float64Array[], right: readonly number[], damping: number): Float64Array {
  const d = right.length;
  const lower = new Float64Array(d * d);
  const x = Float64Array.from(right);
  for (let i = 0; i < d; i++) {
    const row = i * d;
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]! + (i === j ? damping : 0);
      for (let k = 0; k < j; k++) rest -= lower[row + k]! * lower[j * d + k]!;
      lower[row + j] = i === j ? Math.sqrt(rest) : rest / lower[j * d + j]!;
    }
    for (let k = 0; k < i; k++) x[i]! -= lower[row + k]! * x[k]!;
    x[i]! /= lower[row + i]!;
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) x[i]! -= lower[k * d + i]! * x[k]!;
    x[i]! /= lower[i * d + i]!;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function minus(a: Float32Array, b: Float32Array): Float64Array {
  return Float64Array.from(a, (value, i) => value - b[i]!);
}
