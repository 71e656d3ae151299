// The aggregate posterior as a Gaussian mixture per digit class, fitted after training (Ghosh et al. 2020,
// https://arxiv.org/abs/1903.12436). How many components a class gets is chosen on validation latents.

import { createGenerator } from "../../../shared/arithmetic/random.ts";
import { ArgumentError } from "../../../shared/errors.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import {
  type Mixture,
  type MixtureComponent,
  triangleSize,
} from "../../../shared/latent/gaussian/mixture.ts";
import { expectationMaximisation } from "./em.ts";
import { type Gaussians, logDensities } from "./gaussians.ts";

/** Numbers of components to choose from, ascending. */
const CANDIDATES = [1, 2, 4, 8, 16, 24];
/** Fits from other k-means++ starts, of which the likeliest is kept: EM finds the nearest optimum only. */
const STARTS = 2;
/** Most fits converge within 50 steps; held-out likelihood gains nothing from a smaller tolerance. */
const EM = { maxIterations: 200, tolerance: 1e-4, priorPoints: 3 };

export interface LabelledLatents {
  /** float32 [n, d], flat: means of q(z|x), or draws from it */
  readonly latents: Float32Array;
  /** Digits, [n]. */
  readonly labels: Uint8Array;
}

export interface FitOptions {
  /** Share of each digit among the images, [10]: latents that were dropped before the fit count here. */
  readonly shares: Float32Array;
  /** Latents of other images, taken in the same way (means or draws). */
  readonly validation: LabelledLatents;
  readonly candidates?: readonly number[];
  /** Called with the number of fits done or left out, and of all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Fits one mixture per class. The same latents in the same order give the same mixture on one engine.
 * @param training  the caller's choice of means of q(z|x) or draws from it; draws include the posterior's own spread, so they
 *   are what the decoder was trained on
 * @throws ArgumentError when shapes, labels or values are out of range
 */
export function fitMixture(
  training: LabelledLatents,
  d: number,
  { shares, validation, candidates = CANDIDATES, onProgress = () => {} }: FitOptions,
): Mixture {
  if (training.labels.length === 0) throw new ArgumentError("a mixture needs at least one training latent");
  const heldOut = splitByClass("validation", validation, d);
  const total = CLASSES * candidates.length;
  const classes = splitByClass("training", training, d).map((points, digit) => {
    const before = digit * candidates.length;
    const fit = (components: number, index: number) => {
      const gaussians = fitGaussians(points, d, components, digit);
      onProgress(before + index + 1, total);
      return { gaussians, densities: logDensities(gaussians, heldOut[digit]!, d) };
    };
    // Each component needs more points than dimensions, and choosing among several needs held-out points.
    const possible = candidates.filter((components) => points.length > components * d * d);
    const tried = heldOut[digit]!.length > 0 ? possible : possible.slice(0, 1);
    const fits = points.length === 0 ? [] : (tried.length > 0 ? tried : [1]).map(fit);
    const components = fits.length > 0 ? toComponents(chooseFit(fits).gaussians, d) : [];
    return { prior: shares[digit]!, components };
  });
  return { latentDim: d, classes };
}

function fitGaussians(points: Float64Array, d: number, components: number, digit: number): Gaussians {
  // One component has one optimum.
  const starts = Array.from({ length: components === 1 ? 1 : STARTS }, (_, start) => {
    const next = createGenerator(`0/mixture/${digit}/${components}/${start}`);
    return expectationMaximisation(points, d, { ...EM, components }, next);
  });
  return starts.reduce((a, b) => (b.objective.at(-1)! > a.objective.at(-1)! ? b : a)).gaussians;
}

interface Fit {
  readonly gaussians: Gaussians;
  /** Of the validation points. */
  readonly densities: Float64Array;
}

/**
 * The fewest components whose held-out log-likelihood is within one standard error of the best (Breiman et al.
 * 1984); the error is that of the difference, point by point.
 */
function chooseFit(fits: readonly Fit[]): Fit {
  if (fits[0]!.densities.length === 0) return fits[0]!;
  const best = fits.reduce((a, b) => (mean(b.densities) > mean(a.densities) ? b : a));
  return fits.find(({ densities }) => {
    const differences = best.densities.map((density, p) => density - densities[p]!);
    const gap = mean(differences);
    const variance = mean(differences.map((difference) => (difference - gap) ** 2));
    return gap <= Math.sqrt(variance / differences.length);
  })!;
}

function toComponents(gaussians: Gaussians, d: number): MixtureComponent[] {
  return Array.from({ length: gaussians.count }, (_, k) => {
    const of = (values: Float64Array, size: number) =>
      Float32Array.from(values.subarray(k * size, (k + 1) * size));
    return {
      weight: Math.fround(gaussians.weights[k]!),
      mean: of(gaussians.means, d),
      factor: of(gaussians.factors, triangleSize(d)),
    };
  });
}

/** The points of each digit, float64 [n of the digit, d]. */
function splitByClass(what: string, { latents, labels }: LabelledLatents, d: number): Float64Array[] {
  if (!Number.isInteger(d) || d < 1) throw new ArgumentError(`a latent has 1 dimension or more, found ${d}`);
  if (latents.length !== labels.length * d) {
    throw new ArgumentError(
      `${labels.length} ${what} labels need ${labels.length * d} latent numbers, found ${latents.length}`,
    );
  }
  const at = latents.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new ArgumentError(`${what} latent ${Math.floor(at / d)} holds ${latents[at]}`);
  const other = labels.find((label) => label >= CLASSES);
  if (other !== undefined) {
    throw new ArgumentError(`a digit is 0 to ${CLASSES - 1}, found ${other} in ${what}`);
  }
  return Array.from({ length: CLASSES }, (_, digit) =>
    Float64Array.from(latents.filter((_, i) => labels[Math.floor(i / d)] === digit)),
  );
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
