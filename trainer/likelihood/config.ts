// The configuration of a likelihood model: one schema for the command line and the run folder's config.json.

import * as v from "valibot";
import { count, option, stepSize, wholeNumber } from "../options.ts";
import { trainingFields } from "../train/config.ts";

/** The options that determine the result. */
export const likelihoodFields = {
  data: trainingFields.data,
  latent: option(
    v.pipe(wholeNumber(2, 256), v.multipleOf(2)),
    "latent dimensions, an even number: the prior's flow changes one half at a time",
    32,
  ),
  channels: option(
    wholeNumber(4, 128),
    "feature maps at 28 x 28, of the decoder and of the local network",
    32,
  ),
  reach: option(
    wholeNumber(1, 9),
    "pixels above and beside that a pixel's local context has: 3 is the upper half of 7 x 7",
    3,
  ),
  epochs: option(
    count,
    "passes over the training images; with --resume, a larger number continues training",
    14,
  ),
  batchSize: option(count, "images per step", 64),
  learningRate: option(stepSize, "learning rate of Adam (Kingma & Ba 2015)", 1.5e-3),
  averaging: option(
    v.pipe(v.number(), v.minValue(0), v.maxValue(0.99999)),
    "decay per step of the averaged weights, which are validated, evaluated and drawn from (Polyak & Juditsky 1992)",
    0.999,
  ),
  warmup: option(
    wholeNumber(0, 1_000_000),
    "steps over which the KL's weight rises from 0 to 1 (Bowman et al. 2016)",
    1000,
  ),
  seed: trainingFields.seed,
  limit: trainingFields.limit,
};

export const LikelihoodConfigSchema = v.strictObject(likelihoodFields);
export type LikelihoodConfig = v.InferOutput<typeof LikelihoodConfigSchema>;

/** What determines the shapes of the weights. */
export type Shape = Pick<LikelihoodConfig, "latent" | "channels" | "reach">;
