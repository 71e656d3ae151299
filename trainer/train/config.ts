// The configuration of a run: one schema for the command line, the run folder's config.json and the card.

import * as v from "valibot";
import { MAX_SEED_LENGTH } from "../../shared/arithmetic/random.ts";
import { changeSpec, type PresetName, presets } from "../../shared/model/presets.ts";
import { activationOf, type ModelSpec } from "../../shared/model/spec.ts";
import { ModelSpecSchema } from "../../shared/model/stored-spec.ts";
import { MIN_IMAGES } from "../data/dataset.ts";
import { codesOptions } from "../latent/codes/options.ts";
import { flowDefaults, flowOptions } from "../latent/flow/options.ts";
import { likelihoodNames } from "../model/likelihood.ts";
import {
  DEFAULT_OBJECTIVE,
  describedObjectives,
  objectiveNames,
  objectiveOf,
  whyUnused,
} from "../objectives/objectives.ts";
import { objectiveOptions } from "../objectives/options.ts";
import { count, dropoutRate, flag, flagOf, option, stepSize, wholeNumber } from "../options.ts";

const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];

const withFlow = Object.entries(flowDefaults)
  .map(([key, value]) => `--${flagOf(key)} ${value}`)
  .join(" ");

/** The options that determine the result: two runs with the same values on the same backend end with the same weights. */
export const trainingFields = {
  preset: option(
    v.picklist(presetNames),
    `architecture, from shared/model/presets.ts; of flow presets, the default is ${withFlow}`,
    "cnn",
  ),
  data: option(
    v.pipe(v.string(), v.minLength(1)),
    "mnist, fashion (unpacked into data/fashion), or a folder of IDX files with 28x28 images",
    "mnist",
  ),
  latent: option(wholeNumber(1, 512), "latent dimensions, instead of the preset's (not for vq presets)"),
  hidden: option(
    v.pipe(v.string(), v.regex(/^[1-9]\d{0,3}(-[1-9]\d{0,3}){0,7}$/, "expected widths such as 512-256")),
    "hidden widths of an MLP preset such as 512-256, instead of its own",
  ),
  epochs: option(
    count,
    "passes over the training images; with --resume and a constant schedule, a larger number continues training",
    20,
  ),
  batchSize: option(count, "images per step", 128),
  learningRate: option(stepSize, "learning rate of Adam (Kingma & Ba 2015)", 1e-3),
  scaleRate: flag(
    "multiply the learning rate by batch-size / 128, which keeps larger batches within about a nat (Goyal et al. 2017)",
  ),
  schedule: option(
    v.picklist(["constant", "cosine", "one-cycle"]),
    "learning-rate schedule: constant; cosine decay to 0 (Loshchilov & Hutter 2017); one-cycle, which rises over the " +
      "first tenth before it decays, for high learning rates in short runs (Smith & Topin 2018)",
    "constant",
  ),
  objective: option(
    v.picklist(objectiveNames),
    `what training minimises: ${describedObjectives} (not for vq and flow presets)`,
    DEFAULT_OBJECTIVE,
  ),
  ...objectiveOptions,
  likelihood: option(
    v.picklist(likelihoodNames),
    "likelihood of a pixel given its logit; for grey levels only the continuous Bernoulli is one (Loaiza-Ganem & Cunningham 2019; " +
      "not for vq and flow presets)",
    "bernoulli",
  ),
  dropout: option(dropoutRate, "dropout rate of hidden units (whole channels after convolutions)", 0),
  patience: option(
    count,
    "stop after this many epochs without a better validation loss, and keep the best epoch",
  ),
  augment: flag(
    "rotate training images by up to 10 degrees, shift them by up to 10 %, and add slight noise to inputs",
  ),
  binarise: flag(
    "sample every pixel as black or white with its grey level as probability, in each epoch (not for vq and flow presets)",
  ),
  ...codesOptions,
  ...flowOptions,
  seed: option(
    // Leaves room for the suffixes of derived seeds, such as "/noise/12/345".
    v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_SEED_LENGTH / 2)),
    "determines the split, the initial weights, the order of images and the noise",
    "0",
  ),
  limit: option(
    wholeNumber(MIN_IMAGES, 60_000),
    "use only this many of the 60,000 training images, to try things out",
  ),
};

export const TrainingConfigSchema = v.strictObject({ ...trainingFields, spec: ModelSpecSchema });
export type TrainingConfig = v.InferOutput<typeof TrainingConfigSchema>;

export type OptionName = keyof typeof trainingFields;
export const optionNames = Object.keys(trainingFields) as OptionName[];

/** Options that determine the architecture. */
export const shapingOptions = [
  "preset",
  "latent",
  "hidden",
  "codebookSize",
  "priorWidth",
  "flowWidth",
  "flowBlocks",
  "decoderWidth",
  "noisePlanes",
] as const satisfies OptionName[];

type ShapingOptions = Pick<TrainingConfig, "preset"> &
  Partial<Pick<TrainingConfig, "objective">> &
  Partial<Pick<TrainingConfig, (typeof shapingOptions)[number]>>;

/** The architecture that options ask for. @throws SpecError */
export function specOf({
  preset,
  latent,
  hidden,
  objective = DEFAULT_OBJECTIVE,
  ...sizes
}: ShapingOptions): ModelSpec {
  const widths = hidden?.split("-").map(Number);
  const spec = changeSpec(preset, { ...sizes, latentDim: latent, hidden: widths });
  return objectiveOf({ objective }).adapt?.(spec) ?? spec;
}

/** Why options have no effect for a kind of latent, or not the documented one. */
export type Meaningless = Readonly<Partial<Record<OptionName | "samples", string>>>;

/**
 * Why an option has no effect for a model and its objective, or not the documented one; undefined if it applies.
 * @param kind  of the spec's latent
 */
export function whyMeaningless(
  option: OptionName,
  { spec: { encoder, decoder }, objective }: Pick<TrainingConfig, "spec" | "objective">,
  kind: KindOfOptions,
): string | undefined {
  const hasHidden = [...encoder, ...decoder].some((layer) => activationOf(layer) === "relu");
  if (option === "dropout" && !hasHidden) return "the model has no hidden units";
  return kind.meaningless[option] ?? whyUnused(option, objective);
}

/** What a kind of latent says of options. */
interface KindOfOptions {
  readonly meaningless: Meaningless;
  readonly defaults?: Partial<Pick<TrainingConfig, OptionName>>;
}

/** Whether an option has its default, that of the kind where it has one. */
export function isDefault(
  config: Pick<TrainingConfig, OptionName>,
  option: OptionName,
  { defaults }: KindOfOptions,
): boolean {
  return config[option] === (defaults?.[option] ?? v.getDefault(trainingFields[option]));
}

/** A configuration of options that were chosen, with defaults for the others. */
export function completeConfig(
  chosen: Partial<TrainingConfig>,
  spec: ModelSpec,
  { defaults }: KindOfOptions,
): TrainingConfig {
  return { ...v.parse(v.object(trainingFields), { ...defaults, ...chosen }), spec };
}

/**
 * The configuration as printed and stored: without options that do not apply to the model, unless a run by an older trainer
 * set them.
 */
export function meaningfulConfig(config: TrainingConfig, kind: KindOfOptions): Partial<TrainingConfig> {
  const meaningful = optionNames.filter(
    (option) => !(isDefault(config, option, kind) && whyMeaningless(option, config, kind)),
  );
  return Object.fromEntries([...meaningful, "spec" as const].map((key) => [key, config[key]]));
}
