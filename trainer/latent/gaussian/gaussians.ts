// K Gaussians as typed arrays, and the log density of points under them. Whitening by the inverse Cholesky factors
// makes a density a product with a triangle, and lets it stop as soon as a component is out of the race.

/** K Gaussians over d dimensions; triangles are lower, packed by rows, [d (d + 1) / 2] each. */
export interface Gaussians {
  count: number;
  /** [K], sum 1 */
  readonly weights: Float64Array;
  /** [K, d] */
  readonly means: Float64Array;
  /** [K, triangle]: L with L L^T the covariance. */
  readonly factors: Float64Array;
  /** [K, triangle]: the inverse of L. */
  readonly whiteners: Float64Array;
  /** [K]: log of weight and of the density's peak. */
  readonly logPeaks: Float64Array;
}

/** A component this many nats below the best one gets nothing of a point. */
const NEGLIGIBLE_NATS = 40;

/** Log density of each point, nats, [n]. */
export function logDensities(gaussians: Gaussians, points: Float64Array, d: number): Float64Array {
  const n = points.length / d;
  const densities = new Float64Array(n);
  const logs = new Float64Array(gaussians.count);
  const difference = new Float64Array(d);
  for (let p = 0; p < n; p++) densities[p] = componentLogs(gaussians, points, p * d, d, difference, logs);
  return densities;
}

export function createGaussians(components: number, d: number): Gaussians {
  const triangle = (d * (d + 1)) / 2;
  return {
    count: components,
    weights: new Float64Array(components),
    means: new Float64Array(components * d),
    factors: new Float64Array(components * triangle),
    whiteners: new Float64Array(components * triangle),
    logPeaks: new Float64Array(components),
  };
}

/** Computes whitener and peak of component k from its factor and weight. */
export function prepareComponent({ factors, whiteners, logPeaks, weights }: Gaussians, k: number, d: number) {
  const from = k * ((d * (d + 1)) / 2);
  const at = (i: number, j: number) => from + (i * (i + 1)) / 2 + j;
  let logPeak = Math.log(weights[k]!) - (d / 2) * Math.log(2 * Math.PI);
  for (let i = 0; i < d; i++) {
    const pivot = factors[at(i, i)]!;
    logPeak -= Math.log(pivot);
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let m = j; m < i; m++) sum -= factors[at(i, m)]! * whiteners[at(m, j)]!;
      whiteners[at(i, j)] = sum / pivot;
    }
    whiteners[at(i, i)] = 1 / pivot;
  }
  logPeaks[k] = logPeak;
}

/** Fills `logs` with log(weight density) of a point under each component; returns their log-sum-exp. */
export function componentLogs(
  { count, means, whiteners, logPeaks }: Gaussians,
  points: Float64Array,
  from: number,
  d: number,
  difference: Float64Array,
  logs: Float64Array,
): number {
  const triangle = (d * (d + 1)) / 2;
  let best = -Infinity;
  for (let k = 0; k < count; k++) {
    let log = logPeaks[k]!;
    let at = k * triangle;
    for (let i = 0; i < d; i++) {
      difference[i] = points[from + i]! - means[k * d + i]!;
      let whitened = 0;
      for (let j = 0; j <= i; j++) whitened += whiteners[at++]! * difference[j]!;
      log -= 0.5 * whitened * whitened;
      // It only falls from here.
      if (log < best - NEGLIGIBLE_NATS) {
        log = -Infinity;
        break;
      }
    }
    logs[k] = log;
    if (log > best) best = log;
  }
  let sum = 0;
  for (let k = 0; k < count; k++) sum += Math.exp(logs[k]! - best);
  return best + Math.log(sum);
}
