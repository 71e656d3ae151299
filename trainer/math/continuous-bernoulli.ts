// The likelihood of grey pixels under continuous Bernoullis (Loaiza-Ganem & Cunningham 2019, https://arxiv.org/abs/1907.06845),
// from logits, without tfjs: the density of t in [0, 1] is C(l) exp(l t) / (1 + exp(l)) with C(l) = l / tanh(l / 2).

import { bernoulliNll } from "./bernoulli.ts";

/** |l| below which C is computed by its series about 0, where l / tanh(l / 2) is 0 / 0. */
export const SERIES_BELOW = 0.3;

/** log C(l). */
export function logConstant(logit: number): number {
  const x = Math.abs(logit);
  if (x < SERIES_BELOW) return Math.LN2 + x ** 2 / 12 - (7 * x ** 4) / 1440;
  return Math.log(x / Math.tanh(x / 2));
}

/**
 * -log p(image | logits), nats; a density, so it may be negative.
 * @param logits  float32 [pixels]
 * @param images  in [0, 1]; the image begins at `from`
 */
export function continuousBernoulliNll(logits: Float32Array, images: Float32Array, from = 0): number {
  return logits.reduce((nll, logit) => nll - logConstant(logit), bernoulliNll(logits, images, from));
}
