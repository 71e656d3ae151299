// Options that only models with a flow have: the size of their networks, and the length and the learning rate of each stage
// after the first.

import * as v from "valibot";
import { option, stepSize, wholeNumber } from "../../options.ts";

const steps = (what: string, fallback: number, least = 1) =>
  option(
    wholeNumber(least, 100_000),
    `flow presets only: steps of ${what}, rounded up to whole epochs`,
    fallback,
  );
const rate = (what: string, fallback: number) =>
  option(stepSize, `flow presets only: learning rate of Adam for ${what}`, fallback);

export const flowOptions = {
  flowWidth: option(
    v.pipe(wholeNumber(4, 1024), v.multipleOf(4)),
    "flow presets only: hidden units of each layer of the flow, instead of the preset's",
  ),
  flowBlocks: option(
    wholeNumber(0, 16),
    "flow presets only: residual layers of the flow, instead of the preset's",
  ),
  decoderWidth: option(
    v.pipe(v.number(), v.minValue(0.1), v.maxValue(4)),
    "flow presets only: channels of the decoder's layers, as a multiple of the preset's",
  ),
  noisePlanes: option(
    wholeNumber(0, 12),
    "flow presets only: planes of each of the decoder's layers of noise, in the place of as many channels, instead of the preset's; 0 leaves them out",
  ),
  flowSteps: steps("the flow over the latents (second stage)", 12_000),
  flowLearningRate: rate("the flow, with cosine decay to 0", 1e-3),
  distillationSteps: steps("its distillation into one evaluation (third stage)", 16_000),
  distillationLearningRate: rate("the distillation, with cosine decay to 0", 1.5e-3),
  readerSteps: steps("the network that reads the digit from a latent (fourth stage)", 3000),
  readerLearningRate: rate("the reader, with cosine decay to 0", 2e-3),
  fineTuningSteps: steps("flow and decoder against critics (last stage); 0 leaves it out", 5500, 0),
  fineTuningLearningRate: rate("flow and decoder against critics", 4e-4),
};

/** What these models are trained with where nothing else is asked for. */
export const flowDefaults = { epochs: 9, learningRate: 2e-3, schedule: "cosine", beta: 0.2 } as const;

/** Why other models have no use for them. */
export const forFlow = Object.fromEntries(
  Object.keys(flowOptions).map((option) => [option, "only models with a flow use it, such as --preset flow"]),
);
