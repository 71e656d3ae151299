// The configuration of a run: one schema for the command line, the run folder's config.json and the card.

import * as v from "valibot";
import { MAX_SEED_LENGTH } from "../../shared/arithmetic/random.ts";
import { type PresetName, presets } from "../../shared/model/presets.ts";
import { activationOf, type ModelSpec } from "../../shared/model/spec.ts";
import { ModelSpecSchema } from "../../shared/model/stored-spec.ts";
import { MIN_IMAGES } from "../data/dataset.ts";

const wholeNumber = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/** The presets' names, for options and their help. */
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];

const flag = (meaning: string) => v.pipe(v.optional(v.boolean(), false), v.description(meaning));

/** What shapes the result. Two runs of the same values on the same backend end with the same weights. */
export const trainingFields = {
  preset: v.pipe(
    v.optional(v.picklist(presetNames), "cnn"),
    v.description("architecture, from shared/model/presets.ts"),
  ),
  data: v.pipe(
    v.optional(v.pipe(v.string(), v.minLength(1)), "mnist"),
    v.description("mnist, fashion (unpacked into data/fashion), or a folder of IDX files with 28x28 images"),
  ),
  latent: v.pipe(
    v.optional(wholeNumber(1, 512)),
    v.description("latent dimensions, instead of the preset's (not for vq presets)"),
  ),
  hidden: v.pipe(
    v.optional(
      v.pipe(v.string(), v.regex(/^[1-9]\d{0,3}(-[1-9]\d{0,3}){0,7}$/, "expected widths such as 512-256")),
    ),
    v.description("hidden widths of an MLP preset such as 512-256, instead of its own"),
  ),
  epochs: v.pipe(
    v.optional(wholeNumber(1, 10_000), 20),
    v.description(
      "passes over the training images; with --resume and a constant schedule, a larger number trains on",
    ),
  ),
  batchSize: v.pipe(v.optional(wholeNumber(1, 10_000), 128), v.description("images per step")),
  learningRate: v.pipe(
    v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 1e-3),
    v.description("step size of Adam (Kingma & Ba 2015)"),
  ),
  scaleRate: flag(
    "multiply the step size by batch-size / 128, which keeps larger batches within about a nat (Goyal et al. 2017)",
  ),
  schedule: v.pipe(
    v.optional(v.picklist(["constant", "cosine"]), "constant"),
    v.description("of the step size; cosine lets it fall to 0 over the epochs (Loshchilov & Hutter 2017)"),
  ),
  beta: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1000)), 1),
    v.description(
      "weight of the KL term in training, beta-VAE (Higgins et al. 2017); reports stay at 1 (not for vq presets)",
    ),
  ),
  warmup: v.pipe(
    v.optional(wholeNumber(0, 10_000), 0),
    v.description(
      "epochs over which the KL's weight rises from 0 to beta (Bowman et al. 2016; not for vq presets)",
    ),
  ),
  dropout: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.9)), 0),
    v.description("share of hidden units (of a convolution: channels) that a training step leaves out"),
  ),
  patience: v.pipe(
    v.optional(wholeNumber(1, 10_000)),
    v.description("stop after so many epochs without a better validation loss, and keep the best epoch"),
  ),
  augment: flag(
    "turn training images by up to 10 degrees, shift them by up to 10 %, and add light noise to inputs",
  ),
  binarise: flag(
    "draw every pixel black or white with its grey level as probability, again in each epoch (not for vq presets)",
  ),
  priorEpochs: v.pipe(
    v.optional(wholeNumber(1, 10_000), 9),
    v.description(
      "vq presets only: epochs of the prior over the codes, which is trained after the first stage",
    ),
  ),
  priorLearningRate: v.pipe(
    v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 3e-3),
    v.description("vq presets only: step size of Adam for the prior, which falls to 0 along half a cosine"),
  ),
  priorDropout: v.pipe(
    v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.9)), 0),
    v.description("vq presets only: dropout rate of the prior's gated channels"),
  ),
  seed: v.pipe(
    // Room for the names of the streams that are drawn from it, such as "/noise/12/345".
    v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_SEED_LENGTH / 2)), "0"),
    v.description("decides the split, the initial weights, the order of images and the noise"),
  ),
  limit: v.pipe(
    v.optional(wholeNumber(MIN_IMAGES, 60_000)),
    v.description("use only this many of the 60,000 training images, to try things out"),
  ),
};

export const TrainingConfigSchema = v.strictObject({ ...trainingFields, spec: ModelSpecSchema });
export type TrainingConfig = v.InferOutput<typeof TrainingConfigSchema>;

export type OptionName = keyof typeof trainingFields;
export const optionNames = Object.keys(trainingFields) as OptionName[];

/** Why options would do nothing for a kind of latent, or not what they say. */
export type Meaningless = Readonly<Partial<Record<OptionName, string>>>;

/**
 * Why an option would do nothing for a model, or not what it says.
 * @param kind  of the spec's latent
 * @returns undefined where the option means something
 */
export function whyMeaningless(
  option: OptionName,
  { encoder, decoder }: ModelSpec,
  kind: { readonly meaningless: Meaningless },
): string | undefined {
  const hasHidden = [...encoder, ...decoder].some((layer) => activationOf(layer) === "relu");
  if (option === "dropout" && !hasHidden) return "the model has no hidden units";
  return kind.meaningless[option];
}

/** Whether an option has the value that it has when it is not given. */
export function isDefault(config: Pick<TrainingConfig, OptionName>, option: OptionName): boolean {
  return config[option] === v.getDefault(trainingFields[option]);
}

/**
 * The configuration as it is printed and stored: without the options that mean nothing to the model. Runs of older trainers
 * may have given these other values, which stay.
 */
export function meaningfulConfig(
  config: TrainingConfig,
  kind: { readonly meaningless: Meaningless },
): Partial<TrainingConfig> {
  const meaningful = optionNames.filter(
    (option) => !(isDefault(config, option) && whyMeaningless(option, config.spec, kind)),
  );
  return Object.fromEntries([...meaningful, "spec" as const].map((key) => [key, config[key]]));
}
