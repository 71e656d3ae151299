// Gaussian latents: a VAE (Kingma & Welling 2014), whose latents are drawn from a mixture per digit or from N(0, I).

import { ArgumentError, WeightsError } from "../../errors.ts";
import type { ModelSpec } from "../../model/spec.ts";
import type { LatentKind, ReleaseFileNames } from "../latent-kind.ts";
import { createGaussianLatent } from "./latent.ts";
import { type Mixture, SAMPLER_FILE, unpackMixture } from "./mixture.ts";
import { checkChoice, SCHEME } from "./sample.ts";
import type { GaussianSpec } from "./spec.ts";

export const gaussianKind: LatentKind = {
  scheme: SCHEME,
  dim: dimOf,
  // mu and logVar.
  encoder: (spec) => {
    const outputs = 2 * dimOf(spec);
    return { heads: [{ kind: "dense", units: outputs, activation: "linear" }], outputs };
  },
  resize: (spec, dim) => ({ ...spec, latent: { kind: "gaussian", dim } }),
  weights: () => [],
  size: (spec) => ({ count: dimOf(spec) }),

  epochLoss: "total",

  input: "z",
  describeInput: () => "has no codes; give its latent as z",
  checkInput: (spec, { length }, model) => {
    if (length === dimOf(spec)) return;
    throw new ArgumentError(`a latent of ${model} has ${dimOf(spec)} numbers, found ${length}`);
  },

  samplers: (files) => [
    ...(hasMixture(files) ? [{ name: "mixture", takesDigit: true } as const] : []),
    { name: "prior", takesDigit: false },
  ],
  checkChoice: (choice, files) => checkChoice(choice, hasMixture(files)),
  drawsFast: true,
  paths: ["slerp", "lerp"],

  // Random numbers, and a product that is small beside any decoder.
  work: () => ({ draw: (count) => 80_000 * count, walk: (count) => 10_000 * count, encode: 6_000_000 }),

  files: [SAMPLER_FILE],
  open: async (spec, files, read) => {
    const mixture = await readMixture(spec, files, read);
    return createGaussianLatent(dimOf(spec), mixture, files[SAMPLER_FILE]?.bytes);
  },
};

/**
 * The mixture of a release; undefined for one that lists none.
 * @throws WeightsError, UnsupportedReleaseError; what `read` throws
 */
export async function readMixture(
  spec: ModelSpec,
  files: ReleaseFileNames,
  read: (file: string) => Promise<Uint8Array>,
): Promise<Mixture | undefined> {
  if (!hasMixture(files)) return undefined;
  const mixture = unpackMixture(await read(SAMPLER_FILE));
  if (mixture.latentDim === dimOf(spec)) return mixture;
  throw new WeightsError(
    `${SAMPLER_FILE} has ${mixture.latentDim} latent dimensions; the spec has ${dimOf(spec)}`,
  );
}

function hasMixture(files: ReleaseFileNames): boolean {
  return Object.hasOwn(files, SAMPLER_FILE);
}

function dimOf({ latent }: ModelSpec): number {
  return (latent as GaussianSpec).dim;
}
