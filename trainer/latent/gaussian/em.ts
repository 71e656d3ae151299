// One Gaussian mixture with full covariances by expectation-maximisation (Dempster et al. 1977): k-means++ start,
// E and M step in one pass over the points. The covariances have a conjugate prior, as Fraley & Raftery (2007)
// advise, so that no component can collapse onto a few points and the penalised likelihood never falls.

import type { Generator } from "../../../shared/arithmetic/random.ts";
import { choleskyFactor } from "../../math/linear-algebra.ts";
import { componentLogs, createGaussians, type Gaussians, prepareComponent } from "./gaussians.ts";
import { cluster } from "./k-means.ts";

export interface EmOptions {
  /** Components to start with. */
  readonly components: number;
  readonly maxIterations: number;
  /** Relative change of the objective at which to stop. */
  readonly tolerance: number;
  /** Points that the prior of a covariance is worth, above 0. */
  readonly priorPoints: number;
}

export interface EmResult {
  readonly gaussians: Gaussians;
  /** Penalised log-likelihood in nats per point, before each M step; fewer than the iterations allowed where it converged. */
  readonly objective: readonly number[];
}

/** Variance that the prior never goes below, in latent units (the model's prior has 1). */
const VARIANCE_FLOOR = 1e-6;
/** Points below which a component is dropped. */
const MIN_MASS = 1;
/** Responsibilities below this are left out of the sums. */
const NEGLIGIBLE_SHARE = 1e-12;

/**
 * Fits a mixture.
 * @param points  [n, d], n at least 1
 */
export function expectationMaximisation(
  points: Float64Array,
  d: number,
  options: EmOptions,
  next: Generator,
): EmResult {
  const n = points.length / d;
  const prior = covariancePrior(points, d, options);
  const sums = createSums(options.components, d);
  const gaussians = createGaussians(options.components, d);
  addClusters(sums, gaussians, points, d, next);
  maximise(gaussians, sums, d, n, prior);
  const objective: number[] = [];
  let previous = Number.NaN;
  while (objective.length < options.maxIterations) {
    const penalised = (expect(gaussians, points, d, sums) + logPrior(gaussians, d, prior)) / n;
    objective.push(penalised);
    if (Math.abs(penalised - previous) <= options.tolerance * Math.max(1, Math.abs(penalised))) break;
    const lost = maximise(gaussians, sums, d, n, prior);
    previous = lost > 0 ? Number.NaN : penalised;
  }
  return { gaussians, objective };
}

/** What the M step needs: of each component, the sums of r, r (x - mean) and r (x - mean)(x - mean)^T. */
interface Sums {
  readonly mass: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

function createSums(components: number, d: number): Sums {
  return {
    mass: new Float64Array(components),
    first: new Float64Array(components * d),
    second: new Float64Array(components * ((d * (d + 1)) / 2)),
  };
}

function addPoint(sums: Sums, k: number, share: number, difference: Float64Array, d: number): void {
  const { mass, first, second } = sums;
  mass[k]! += share;
  let at = k * ((d * (d + 1)) / 2);
  for (let i = 0; i < d; i++) {
    const weighted = share * difference[i]!;
    first[k * d + i]! += weighted;
    for (let j = 0; j <= i; j++) second[at++]! += weighted * difference[j]!;
  }
}

/** Sums for a first M step: each point belongs to its cluster. */
function addClusters(
  sums: Sums,
  { count, means }: Gaussians,
  points: Float64Array,
  d: number,
  next: Generator,
): void {
  const { centres, nearest } = cluster(points, d, count, next);
  means.set(centres);
  const difference = new Float64Array(d);
  nearest.forEach((k, p) => {
    for (let i = 0; i < d; i++) difference[i] = points[p * d + i]! - means[k * d + i]!;
    addPoint(sums, k, 1, difference, d);
  });
}

/** E step: fills the sums, and returns the log-likelihood of all points. */
function expect(gaussians: Gaussians, points: Float64Array, d: number, sums: Sums): number {
  const { count, means } = gaussians;
  for (const array of [sums.mass, sums.first, sums.second]) array.fill(0);
  const logs = new Float64Array(count);
  const difference = new Float64Array(d);
  let total = 0;
  for (let from = 0; from < points.length; from += d) {
    const logDensity = componentLogs(gaussians, points, from, d, difference, logs);
    total += logDensity;
    for (let k = 0; k < count; k++) {
      const share = Math.exp(logs[k]! - logDensity);
      if (share < NEGLIGIBLE_SHARE) continue;
      for (let i = 0; i < d; i++) difference[i] = points[from + i]! - means[k * d + i]!;
      addPoint(sums, k, share, difference, d);
    }
  }
  return total;
}

/** Inverse-Wishart-like prior of every covariance: its scale matrix, [d, d], worth so many points. */
interface CovariancePrior {
  readonly scale: Float64Array;
  /** Cholesky factor of the scale, [d, d]. */
  readonly scaleFactor: Float64Array;
  readonly points: number;
}

/** The points' covariance, shrunk to a component's share of the volume (Fraley & Raftery 2007, section 3). */
function covariancePrior(points: Float64Array, d: number, options: EmOptions): CovariancePrior {
  const n = points.length / d;
  const sums = createSums(1, d);
  const mean = new Float64Array(d);
  for (let at = 0; at < points.length; at++) mean[at % d]! += points[at]! / n;
  const difference = new Float64Array(d);
  for (let from = 0; from < points.length; from += d) {
    for (let i = 0; i < d; i++) difference[i] = points[from + i]! - mean[i]!;
    addPoint(sums, 0, 1 / n, difference, d);
  }
  const scale = new Float64Array(d * d);
  for (let i = 0, at = 0; i < d; i++) {
    for (let j = 0; j <= i; j++, at++) {
      const value = sums.second[at]! / options.components ** (2 / d);
      scale[i * d + j] = value;
      scale[j * d + i] = value;
    }
    scale[i * d + i]! += VARIANCE_FLOOR;
  }
  return { scale, scaleFactor: choleskyFactor(scale, d), points: options.priorPoints };
}

/** M step with the prior, in place; drops components without points and returns how many. */
function maximise(gaussians: Gaussians, sums: Sums, d: number, n: number, prior: CovariancePrior): number {
  const { weights, means, factors } = gaussians;
  const triangle = (d * (d + 1)) / 2;
  const covariance = new Float64Array(d * d);
  let kept = 0;
  for (let k = 0; k < gaussians.count; k++) {
    const mass = sums.mass[k]!;
    // Half a millionth of room for rounding where a class has a single point.
    if (mass < MIN_MASS - 5e-7) continue;
    for (let i = 0, at = k * triangle; i < d; i++) {
      for (let j = 0; j <= i; j++, at++) {
        // About the new mean: the old one is off by first / mass.
        const scatter = sums.second[at]! - (sums.first[k * d + i]! * sums.first[k * d + j]!) / mass;
        const value = (scatter + prior.points * prior.scale[i * d + j]!) / (mass + prior.points);
        covariance[i * d + j] = value;
        covariance[j * d + i] = value;
      }
    }
    const factor = choleskyFactor(covariance, d);
    for (let i = 0, at = kept * triangle; i < d; i++) {
      means[kept * d + i] = means[k * d + i]! + sums.first[k * d + i]! / mass;
      for (let j = 0; j <= i; j++) factors[at++] = factor[i * d + j]!;
    }
    weights[kept++] = mass / n;
  }
  const dropped = gaussians.count - kept;
  gaussians.count = kept;
  const total = weights.subarray(0, kept).reduce((sum, weight) => sum + weight, 0);
  for (let k = 0; k < kept; k++) {
    weights[k]! /= total;
    prepareComponent(gaussians, k, d);
  }
  return dropped;
}

/** Log of the covariances' prior density, up to a constant: -points / 2 (log |C| + tr(scale C^-1)) each. */
function logPrior({ count, factors, whiteners }: Gaussians, d: number, prior: CovariancePrior): number {
  const triangle = (d * (d + 1)) / 2;
  let sum = 0;
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < d; i++) {
      const row = k * triangle + (i * (i + 1)) / 2;
      sum += 2 * Math.log(factors[row + i]!);
      for (let j = 0; j <= i; j++) {
        let product = 0;
        for (let m = j; m <= i; m++) product += whiteners[row + m]! * prior.scaleFactor[m * d + j]!;
        sum += product * product;
      }
    }
  }
  return (-prior.points / 2) * sum;
}
