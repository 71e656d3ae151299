// The Gaussian latent of a conditional VAE as data: encoder and decoder are given the digit (Sohn et al. 2015,
// https://papers.nips.cc/paper/5775-learning-structured-output-representation-using-deep-conditional-generative-models).

import * as v from "valibot";

export const ConditionalSchema = v.strictObject({
  kind: v.literal("conditional"),
  /** Latent dimensions, without the digit. */
  dim: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(512)),
});
export type ConditionalSpec = v.InferOutput<typeof ConditionalSchema>;
