// The VAE: the negative evidence lower bound (Kingma & Welling 2014, https://arxiv.org/abs/1312.6114, eq. 7). Free bits
// leave out the KL of dimensions that tell little (Kingma et al. 2016, https://arxiv.org/abs/1606.04934, app. C.8).

import * as tf from "@tensorflow/tfjs";
import type { Posterior } from "../model/bottleneck.ts";
import type { Objective, Step, Terms } from "./objective.ts";

export const vae: Objective = {
  summary: "the negative evidence lower bound (Kingma & Welling 2014)",
  takes: ["warmup", "freeBits"],
  isInEngine: true,
  loss: negativeElbo,
};

/** The loss weights the KL, or for codes the commitment, by the step's beta. */
export function negativeElbo(step: Step): Terms {
  const { latent, kl, penalty } = step.draw();
  const reconstruction = step.reconstruct(latent);
  const { freeBits } = step.options;
  const weighted = freeBits > 0 ? klAbove(freeBits, step.posterior()) : penalty;
  return { loss: tf.add(reconstruction, tf.mul(weighted, step.beta)), reconstruction, kl };
}

/** sum_j max(freeBits, mean_i KL_ij), times the images i: a dimension j below its free bits has no gradient. */
function klAbove(freeBits: number, { mu, logVar }: Posterior): tf.Scalar {
  const means = tf.mean(klPerDimension(mu, logVar), 0);
  return tf.mul(mu.shape[0], tf.sum(tf.maximum(means, freeBits)));
}

/** KL(q(z_j|x) || N(0, 1)), [batch, latentDim] (Kingma & Welling 2014, App. B). */
export function klPerDimension(mu: tf.Tensor2D, logVar: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(-0.5, tf.sub(tf.sub(tf.add(1, logVar), tf.square(mu)), tf.exp(logVar)));
}
