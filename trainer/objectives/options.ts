// Options that some objectives have and others do not; each objective lists those that it takes.

import * as v from "valibot";
import { option, wholeNumber } from "../options.ts";

const nonNegative = (most: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(most));

export const objectiveOptions = {
  beta: option(
    nonNegative(1000),
    "weight of the KL term in training, beta-VAE (Higgins et al. 2017); of beta-tcvae that of the total correlation, of rae " +
      "that of half the squared latents; reports stay at 1 (not for vq presets)",
    1,
  ),
  warmup: option(
    nonNegative(10_000),
    "epochs over which the KL's weight rises from 0 to beta, in every step (Bowman et al. 2016; not for vq presets)",
    0,
  ),
  freeBits: option(
    nonNegative(100),
    "nats of KL that each latent dimension may have without a penalty, as the mean of a batch (Kingma et al. 2016)",
    0,
  ),
  importanceSamples: option(
    wholeNumber(1, 1000),
    "iwae only: latents drawn for each image in a training step",
    5,
  ),
  decoderDecay: option(
    nonNegative(1),
    "rae only: weight of the sum of the decoder's squared weights, for each image",
    1e-3,
  ),
};

export type ObjectiveOption = keyof typeof objectiveOptions;
export type ObjectiveOptions = {
  readonly [Name in ObjectiveOption]: v.InferOutput<(typeof objectiveOptions)[Name]>;
};

/** Those of the VAE. */
export const plainOptions: ObjectiveOptions = v.getDefaults(v.object(objectiveOptions));
