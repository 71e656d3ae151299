// A Gaussian latent as data: q(z|x) = N(mu, exp(logVar)) (Kingma & Welling 2014, https://arxiv.org/abs/1312.6114).

import * as v from "valibot";

export const GaussianSchema = v.strictObject({
  kind: v.literal("gaussian"),
  /** Latent dimensions. */
  dim: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)),
});
export type GaussianSpec = v.InferOutput<typeof GaussianSchema>;
