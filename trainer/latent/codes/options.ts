// Options that only models with codes have.

import { count, dropoutRate, option, stepSize } from "../../options.ts";

export const codesOptions = {
  priorEpochs: option(count, "vq presets only: epochs of the prior over the codes (second stage)", 9),
  priorLearningRate: option(
    stepSize,
    "vq presets only: learning rate of Adam for the prior, with cosine decay to 0",
    3e-3,
  ),
  priorDropout: option(dropoutRate, "vq presets only: dropout rate of the prior's gated channels", 0),
};

/** Why other models have no use for them. */
export const forCodes = Object.fromEntries(
  Object.keys(codesOptions).map((option) => [option, "only models with codes use it, such as --preset vq"]),
);
