// Options that only models with codes have.

import * as v from "valibot";
import { count, dropoutRate, option, stepSize, wholeNumber } from "../../options.ts";

const inFours = (least: number, most: number) => v.pipe(wholeNumber(least, most), v.multipleOf(4));

export const codesOptions = {
  codebookSize: option(inFours(4, 1024), "vq presets only: codes of the codebook, instead of the preset's"),
  priorWidth: option(
    inFours(4, 512),
    "vq presets only: channels of each layer of the prior, instead of the preset's",
  ),
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
