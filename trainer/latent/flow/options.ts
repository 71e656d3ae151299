// Options that only models with a flow have: the length and the learning rate of each stage after the first.

import { option, stepSize, wholeNumber } from "../../options.ts";

const steps = (what: string, fallback: number) =>
  option(
    wholeNumber(1, 100_000),
    `flow presets only: steps of ${what}, rounded up to whole epochs`,
    fallback,
  );
const rate = (what: string, fallback: number) =>
  option(stepSize, `flow presets only: learning rate of Adam for ${what}`, fallback);

export const flowOptions = {
  flowSteps: steps("the flow over the latents (second stage)", 10_000),
  flowLearningRate: rate("the flow, with cosine decay to 0", 2e-3),
  distillationSteps: steps("its distillation into one evaluation (third stage)", 8000),
  distillationLearningRate: rate("the distillation, with cosine decay to 0", 1e-3),
  readerSteps: steps("the network that reads the digit from a latent (fourth stage)", 3000),
  readerLearningRate: rate("the reader, with cosine decay to 0", 2e-3),
  fineTuningSteps: steps("flow and decoder against critics (last stage)", 5000),
  fineTuningLearningRate: rate("flow and decoder against critics, falling after the first third", 2e-4),
};

/** What these models are trained with where nothing else is asked for. */
export const flowDefaults = { epochs: 9, learningRate: 2e-3, schedule: "cosine", beta: 0.2 } as const;

/** Why other models have no use for them. */
export const forFlow = Object.fromEntries(
  Object.keys(flowOptions).map((option) => [option, "only models with a flow use it, such as --preset flow"]),
);
