// The aggregate posterior as a Gaussian mixture per digit class, fitted after training (Ghosh et al. 2020,
// https://arxiv.org/abs/1903.12436). How many components a class gets is chosen on validation latents.

import * as v from "valibot";
import { createGenerator } from "../../../shared/arithmetic/random.ts";
import { ArgumentError } from "../../../shared/errors.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import {
  type Mixture,
  type MixtureClass,
  type MixtureComponent,
  triangleSize,
} from "../../../shared/latent/gaussian/mixture.ts";
import { wholeNumber } from "../../options.ts";
import { type EmResult, expectationMaximisation } from "./em.ts";
import { type Gaussians, logDensities } from "./gaussians.ts";

export const MixtureConfigSchema = v.strictObject({
  /** Numbers of components to choose from. */
  candidates: v.optional(v.pipe(v.array(wholeNumber(1, 256)), v.minLength(1)), [1, 2, 4, 8, 16, 24]),
  /** EM steps at most; most fits converge within 50. */
  maxIterations: v.optional(wholeNumber(1, 10_000), 200),
  /** Relative change of the likelihood at which to stop: held-out likelihood gains nothing from a smaller one. */
  tolerance: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1e-4),
  /** Fits from other k-means++ starts, of which the likeliest is kept: EM finds the nearest optimum only. */
  starts: v.optional(wholeNumber(1, 100), 2),
  /** Points that the prior of a covariance is worth: some keep small components from overfitting. */
  priorPoints: v.optional(v.pipe(v.number(), v.gtValue(0), v.finite()), 3),
  /** Decides where k-means++ starts. */
  seed: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64)), "0"),
});
export type MixtureConfig = v.InferOutput<typeof MixtureConfigSchema>;

export interface LabelledLatents {
  /** float32 [n, d], flat: means of q(z|x), or draws from it */
  readonly latents: Float32Array;
  /** Digits, [n]. */
  readonly labels: Uint8Array;
}

/** One fit of one class. Log-likelihoods are nats per point. */
export interface CandidateRecord {
  /** Components asked for, and those that kept points. */
  readonly asked: number;
  readonly components: number;
  readonly iterations: number;
  readonly training: number;
  /** null where the class has no validation points. */
  readonly validation: number | null;
}

export interface ClassRecord {
  readonly digit: number;
  readonly points: number;
  /** Components of the fit that was chosen; 0 for a class without points. */
  readonly components: number;
  readonly candidates: readonly CandidateRecord[];
  /** What a reader should know: candidates left out, components dropped, fits that did not converge. */
  readonly notes: readonly string[];
}

export interface MixtureProgress {
  readonly digit: number;
  readonly candidate: CandidateRecord;
  /** Candidates tried or left out so far, of all classes, and how many there will be. */
  readonly done: number;
  readonly total: number;
}

export interface FitOptions {
  /** Share of each digit among the images, [10]: latents that were dropped before the fit count here. */
  readonly shares: Float32Array;
  /** Latents of other images, taken in the same way (means or draws). */
  readonly validation: LabelledLatents;
  readonly config?: v.InferInput<typeof MixtureConfigSchema>;
  readonly onProgress?: (progress: MixtureProgress) => void;
}

/**
 * Fits one mixture per class. The same points, order and configuration give the same mixture on one engine.
 * @param latents  float32 [n, latentDim], flat: the caller's choice of means of q(z|x) or draws from it; draws
 *   include the posterior's own spread, so they are what the decoder was trained on
 * @param labels  digits, [n]
 * @throws ArgumentError when shapes, labels or values are out of range
 */
export function fitMixture(
  latents: Float32Array,
  labels: Uint8Array,
  latentDim: number,
  { shares, validation, config: input = {}, onProgress }: FitOptions,
): { mixture: Mixture; records: ClassRecord[] } {
  const config = v.parse(MixtureConfigSchema, input);
  const candidates = [...new Set(config.candidates)].sort((a, b) => a - b);
  const training = splitByClass("training", { latents, labels }, latentDim);
  const heldOut = splitByClass("validation", validation, latentDim);
  if (labels.length === 0) throw new ArgumentError("a mixture needs at least one training latent");
  const total = CLASSES * candidates.length;
  const fits = training.map((points, digit) =>
    fitClass(digit, points, heldOut[digit]!, latentDim, { ...config, candidates }, (candidate, index) =>
      onProgress?.({ digit, candidate, done: digit * candidates.length + index + 1, total }),
    ),
  );
  const classes = fits.map(
    ({ gaussians }, digit): MixtureClass => ({
      prior: shares[digit]!,
      components: gaussians ? toComponents(gaussians, latentDim) : [],
    }),
  );
  return { mixture: { latentDim, classes }, records: fits.map(({ record }) => record) };
}

interface Fit extends EmResult {
  readonly record: CandidateRecord;
  /** Of the validation points. */
  readonly densities: Float64Array;
}

function fitClass(
  digit: number,
  points: Float64Array,
  heldOut: Float64Array,
  d: number,
  config: MixtureConfig,
  onCandidate: (candidate: CandidateRecord, index: number) => void,
): { gaussians: Gaussians | null; record: ClassRecord } {
  const n = points.length / d;
  const notes: string[] = [];
  if (n === 0) {
    return {
      gaussians: null,
      record: { digit, points: 0, components: 0, candidates: [], notes: ["no training points"] },
    };
  }
  // Each component needs more points than dimensions, and choosing among several needs held-out points.
  let possible = config.candidates.filter((components) => n > components * d);
  if (heldOut.length === 0) {
    notes.push("no validation points: the fewest components taken");
    possible = possible.slice(0, 1);
  } else if (possible.length < config.candidates.length) {
    const left = config.candidates.slice(possible.length);
    notes.push(`${left.join(", ")} components left out: too many for ${n} points in ${d} dimensions`);
  }
  if (possible.length === 0) possible = [1];
  const fits = possible.map((components, index): Fit => {
    // One component has one optimum.
    const starts = Array.from({ length: components === 1 ? 1 : config.starts }, (_, start) => {
      const next = createGenerator(`${config.seed}/mixture/${digit}/${components}/${start}`);
      return expectationMaximisation(points, d, { ...config, components }, next);
    });
    const result = starts.reduce((a, b) => (b.objective.at(-1)! > a.objective.at(-1)! ? b : a));
    const densities = logDensities(result.gaussians, heldOut, d);
    const record: CandidateRecord = {
      asked: components,
      components: result.gaussians.count,
      iterations: result.objective.length,
      training: result.logLikelihood.at(-1)!,
      validation: densities.length === 0 ? null : mean(densities),
    };
    if (result.dropped > 0) notes.push(`${result.dropped} of ${components} components lost their points`);
    if (!result.hasConverged) {
      notes.push(`${components} components did not converge in ${config.maxIterations} iterations`);
    }
    onCandidate(record, index);
    return { ...result, record, densities };
  });
  const { gaussians } = chooseFit(fits);
  const records = fits.map(({ record }) => record);
  return {
    gaussians,
    record: { digit, points: n, components: gaussians.count, candidates: records, notes },
  };
}

/**
 * The fewest components whose held-out log-likelihood is within one standard error of the best (Breiman et al.
 * 1984); the error is that of the difference, point by point.
 */
function chooseFit(fits: readonly Fit[]): Fit {
  if (fits[0]!.densities.length === 0) return fits[0]!;
  const best = fits.reduce((a, b) => (b.record.validation! > a.record.validation! ? b : a));
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
  const counts = new Array<number>(CLASSES).fill(0);
  for (const label of labels) {
    if (label >= CLASSES)
      throw new ArgumentError(`a digit is 0 to ${CLASSES - 1}, found ${label} in ${what}`);
    counts[label]!++;
  }
  const classes = counts.map((count) => new Float64Array(count * d));
  const filled = new Array<number>(CLASSES).fill(0);
  labels.forEach((label, p) => {
    classes[label]!.set(latents.subarray(p * d, (p + 1) * d), filled[label]! * d);
    filled[label]!++;
  });
  return classes;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
