// The aggregate posterior of a model as a mixture of Gaussians per digit class (Ghosh et al. 2020,
// https://arxiv.org/abs/1903.12436): what a release's `sampler.bin` holds, and latents drawn from it by scheme s1.

import { choose, type Generator, sampleNormal, uniform } from "../../arithmetic/random.ts";
import { UnsupportedReleaseError, WeightsError } from "../../errors.ts";
import { areFinite } from "../../model/weights.ts";
import { areShares, CLASSES, chooseDigit } from "../classes.ts";

export const SAMPLER_FILE = "sampler.bin";

/** One Gaussian; its covariance is factor factor^T. */
export interface MixtureComponent {
  /** Share of its class, float32, above 0. */
  readonly weight: number;
  /** float32 [d] */
  readonly mean: Float32Array;
  /** float32 [d (d + 1) / 2]: a lower triangle, row after row, with a positive diagonal. */
  readonly factor: Float32Array;
}

/** Numbers of a lower triangle with d rows, which is also where row d of a greater one starts. */
export function triangleSize(d: number): number {
  return (d * (d + 1)) / 2;
}

export interface MixtureClass {
  /** Share of the digit among the training images, float32; 0 where training had no such digit, and then there are no components. */
  readonly prior: number;
  readonly components: readonly MixtureComponent[];
}

export interface Mixture {
  readonly latentDim: number;
  /** By digit, 0 to 9. */
  readonly classes: readonly MixtureClass[];
}

/**
 * Draws a latent from the mixture. The order of draws is part of scheme s1: that of chooseDigit, one uniform number for
 * the component by weight, then d normal numbers n, and
 * latent[i] = float32(mean[i] + temperature * (factor[i, 0] * n[0] + ... + factor[i, i] * n[i])), summed in that
 * order in float64.
 * @param choice  temperature 0 (the component's mean) to 2; 1 is the mixture itself
 * @returns latent, float32 [d], and the digit it stands for
 * @throws ArgumentError
 */
export function sampleMixture(
  next: Generator,
  mixture: Mixture,
  choice: { readonly digit?: number | undefined; readonly temperature: number },
): { latent: Float32Array; digit: number } {
  const { latentDim, classes } = mixture;
  const shares = classes.map(({ prior }) => prior);
  const digit = chooseDigit(next, shares, choice);
  const { components } = classes[digit]!;
  const weights = components.map(({ weight }) => weight);
  const { mean, factor } = components[choose(uniform(next), weights)]!;
  const normals = sampleNormal(next, new Float32Array(latentDim));
  const latent = new Float32Array(latentDim);
  for (let i = 0; i < latentDim; i++) {
    const row = triangleSize(i);
    let sum = 0;
    for (let j = 0; j <= i; j++) sum += factor[row + j]! * normals[j]!;
    latent[i] = mean[i]! + choice.temperature * sum;
  }
  return { latent, digit };
}

// sampler.bin, all numbers little-endian:
//   0   4 bytes      "EDMX"
//   4   uint32       version
//   8   uint32       d, the latent's dimension
//   12  uint32       number of classes, 10
//   16  uint32 [10]  components of each class
//   56  float32 [10] class priors
//   96  per class, per component: float32 weight, mean [d], lower triangle of the factor by rows [d (d + 1) / 2]
const MAGIC = 0x45444d58;
const VERSION = 1;
const COUNTS_AT = 16;
const PRIORS_AT = COUNTS_AT + 4 * CLASSES;
const COMPONENTS_AT = PRIORS_AT + 4 * CLASSES;
/** Far above any model's, and low enough that sizes stay exact. */
const MAX_LATENT_DIM = 4096;

/**
 * Writes `sampler.bin`.
 * @throws WeightsError when the mixture's shapes or values are not what its type promises
 */
export function packMixture(mixture: Mixture): Uint8Array {
  checkMixture(mixture);
  const { latentDim, classes } = mixture;
  const count = classes.reduce((sum, { components }) => sum + components.length, 0);
  const bytes = new Uint8Array(COMPONENTS_AT + count * componentBytes(latentDim));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, latentDim, true);
  view.setUint32(12, CLASSES, true);
  let offset = COMPONENTS_AT;
  const write = (value: number) => {
    view.setFloat32(offset, value, true);
    offset += 4;
  };
  for (const [digit, { prior, components }] of classes.entries()) {
    view.setUint32(COUNTS_AT + 4 * digit, components.length, true);
    view.setFloat32(PRIORS_AT + 4 * digit, prior, true);
    for (const { weight, mean, factor } of components) {
      write(weight);
      mean.forEach(write);
      factor.forEach(write);
    }
  }
  return bytes;
}

/**
 * Reads `sampler.bin`, with every check.
 * @throws WeightsError, UnsupportedReleaseError when a later version wrote it
 */
export function unpackMixture(bytes: Uint8Array): Mixture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 8 || view.getUint32(0) !== MAGIC) {
    throw new WeightsError(`${SAMPLER_FILE} does not start with "EDMX" and a version`);
  }
  const version = view.getUint32(4, true);
  if (version > VERSION) {
    throw new UnsupportedReleaseError(
      `${SAMPLER_FILE} has version ${version}; this version reads up to ${VERSION}`,
    );
  }
  if (version < 1) throw new WeightsError(`${SAMPLER_FILE} has version ${version}; they start at 1`);
  checkSize(bytes, COMPONENTS_AT, (size, expected) => size >= expected);
  const latentDim = view.getUint32(8, true);
  if (latentDim < 1 || latentDim > MAX_LATENT_DIM) {
    throw new WeightsError(
      `${SAMPLER_FILE} is for latents of ${latentDim}; expected 1 to ${MAX_LATENT_DIM} dimensions`,
    );
  }
  const classCount = view.getUint32(12, true);
  if (classCount !== CLASSES) {
    throw new WeightsError(`${SAMPLER_FILE} has ${classCount} classes; expected ${CLASSES}`);
  }
  const counts = Array.from({ length: CLASSES }, (_, digit) => view.getUint32(COUNTS_AT + 4 * digit, true));
  const total = counts.reduce((sum, count) => sum + count, 0);
  checkSize(bytes, COMPONENTS_AT + total * componentBytes(latentDim), (size, expected) => size === expected);

  // Copied once, since floats must lie at multiples of 4; components are views of it.
  const floats = new Float32Array(bytes.slice(COMPONENTS_AT).buffer);
  let offset = 0;
  const classes = counts.map((count, digit) => ({
    prior: view.getFloat32(PRIORS_AT + 4 * digit, true),
    components: Array.from({ length: count }, () => {
      const component = componentAt(floats, offset, latentDim);
      offset += componentBytes(latentDim) / 4;
      return component;
    }),
  }));
  const mixture = { latentDim, classes };
  checkMixture(mixture, areFinite(floats));
  return mixture;
}

function componentAt(floats: Float32Array, start: number, latentDim: number): MixtureComponent {
  const factorAt = start + 1 + latentDim;
  return {
    weight: floats[start]!,
    mean: floats.subarray(start + 1, factorAt),
    factor: floats.subarray(factorAt, factorAt + triangleSize(latentDim)),
  };
}

function componentBytes(latentDim: number): number {
  return 4 * (1 + latentDim + triangleSize(latentDim));
}

function checkSize(
  bytes: Uint8Array,
  expected: number,
  isRight: (size: number, expected: number) => boolean,
): void {
  if (!isRight(bytes.byteLength, expected)) {
    throw new WeightsError(`${SAMPLER_FILE} has ${bytes.byteLength} bytes; its header describes ${expected}`);
  }
}

/** @param isSound  all numbers are known to be finite */
function checkMixture({ latentDim, classes }: Mixture, isSound = false): void {
  const fail = (what: string): never => {
    throw new WeightsError(`${SAMPLER_FILE}: ${what}`);
  };
  if (classes.length !== CLASSES) fail(`${classes.length} classes; expected ${CLASSES}`);
  checkShares(
    "the class priors",
    classes.map(({ prior }) => prior),
    fail,
  );
  for (const [digit, { prior, components }] of classes.entries()) {
    if (components.length === 0 && prior === 0) continue;
    if (prior === 0) fail(`digit ${digit} has components and no prior`);
    const weights = components.map(({ weight }) => weight);
    checkShares(`the weights of digit ${digit}`, weights, fail);
    components.forEach((component, k) => {
      const fault = faultOf(component, latentDim, isSound);
      if (fault) fail(`component ${k} of digit ${digit} has ${fault}`);
    });
  }
}

function faultOf(
  { weight, mean, factor }: MixtureComponent,
  latentDim: number,
  isSound: boolean,
): string | undefined {
  if (weight === 0) return "weight 0";
  if (mean.length !== latentDim || factor.length !== triangleSize(latentDim)) {
    return `${mean.length} means and ${factor.length} factors for ${latentDim} latent dimensions`;
  }
  if (!isSound && !areFinite(mean)) return "a mean that is not finite";
  if (!isSound && !areFinite(factor)) return "a factor that is not finite";
  return hasPositiveDiagonal(factor, latentDim) ? undefined : "a factor without a positive diagonal";
}

function checkShares(what: string, shares: readonly number[], fail: (what: string) => never): void {
  if (!areShares(shares)) fail(`${what} are ${shares.join(", ")}; they must be shares that sum to 1`);
}

function hasPositiveDiagonal(factor: Float32Array, latentDim: number): boolean {
  for (let i = 0; i < latentDim; i++) if (!(factor[triangleSize(i) + i]! > 0)) return false;
  return true;
}
