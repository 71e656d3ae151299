// The configuration of a run: one schema for the command line, the run folder's config.json and the card.

import * as v from "valibot";
import { ModelSpecSchema } from "../shared/model.ts";
import { type PresetName, presets } from "../shared/presets.ts";
import { MAX_SEED_LENGTH } from "../shared/random.ts";

const wholeNumber = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** The presets' names, for options and their help. */
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];

/** What shapes the result. Two runs of the same values on the same backend end with the same weights. */
export const trainingFields = {
  preset: v.pipe(
    v.optional(v.picklist(presetNames), "cnn"),
    v.description("architecture, from shared/presets.ts"),
  ),
  epochs: v.pipe(
    v.optional(wholeNumber(1, 10_000), 20),
    v.description("passes over the training images; a larger number with --resume trains on"),
  ),
  batchSize: v.pipe(v.optional(wholeNumber(1, 10_000), 128), v.description("images per step")),
  learningRate: v.pipe(
    v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 1e-3),
    v.description("step size of Adam (Kingma & Ba 2015)"),
  ),
  seed: v.pipe(
    // Room for the names of the streams that are drawn from it, such as "/noise/12/345".
    v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_SEED_LENGTH / 2)), "0"),
    v.description("decides the split, the initial weights, the order of images and the noise"),
  ),
  limit: v.pipe(
    v.optional(wholeNumber(20, 60_000)),
    v.description("use only this many of the 60,000 training images, to try things out"),
  ),
};

export const TrainingConfigSchema = v.strictObject({ ...trainingFields, spec: ModelSpecSchema });
export type TrainingConfig = v.InferOutput<typeof TrainingConfigSchema>;
