// The beta-TCVAE (Chen et al. 2018, https://arxiv.org/abs/1802.04942): the KL is mutual information + total correlation +
// KL of the single dimensions, and beta weighs the total correlation alone (eq. 4, with alpha = gamma = 1). q(z) is
// estimated on the batch by minibatch weighted sampling (app. C.1), which makes the three of them biased and their sum not.

import * as tf from "@tensorflow/tfjs";
import { reparameterize } from "../latent/gaussian/bottleneck.ts";
import type { Posterior } from "../model/bottleneck.ts";
import type { Objective, Step, Terms } from "./objective.ts";
import { klPerDimension } from "./vae.ts";

const LOG_2_PI = Math.log(2 * Math.PI);

export const betaTcvae: Objective = {
  summary: "the KL in three parts, with beta as the weight of the total correlation (Chen et al. 2018)",
  takes: ["beta"],
  loss: weighTotalCorrelation,
};

function weighTotalCorrelation(step: Step): Terms {
  const posterior = step.posterior();
  const { mu, logVar } = posterior;
  const z = reparameterize(mu, logVar, step.noise);
  const reconstruction = step.reconstruct(z);
  const { information, correlation, single } = decomposeKl(z, posterior, step.trainingCount);
  const penalty = tf.add(tf.add(information, tf.mul(correlation, step.beta)), single);
  return { loss: tf.add(reconstruction, penalty), reconstruction, kl: tf.sum(klPerDimension(mu, logVar)) };
}

/**
 * The parts of KL(q(z|x) || N(0, I)) by one draw for each image, summed over the batch (eq. 2).
 * @param z  draws from the posteriors, [batch, latentDim]
 * @param images  in the training set
 */
export function decomposeKl(z: tf.Tensor2D, { mu, logVar }: Posterior, images: number) {
  const logNormal = (point: tf.Tensor, mean: tf.Tensor, logVariance: tf.Tensor) => {
    const squares = tf.mul(tf.square(tf.sub(point, mean)), tf.exp(tf.neg(logVariance)));
    return tf.mul(-0.5, tf.add(tf.add(squares, logVariance), LOG_2_PI));
  };
  const logPosterior = tf.sum(logNormal(z, mu, logVar));
  const logPrior = tf.sum(logNormal(z, tf.scalar(0), tf.scalar(0)));
  // log q(z_i|x_j) for each dimension, [i, j, latentDim].
  const pairs = logNormal(tf.expandDims(z, 1), tf.expandDims(mu, 0), tf.expandDims(logVar, 0));
  const [batch, dims] = z.shape;
  const constant = batch * Math.log(images * batch);
  const logJoint = tf.sub(tf.sum(tf.logSumExp(tf.sum(pairs, 2), 1)), constant);
  const logProduct = tf.sub(tf.sum(tf.logSumExp(pairs, 1)), dims * constant);
  return {
    /** I(x; z). */
    information: tf.sub(logPosterior, logJoint) as tf.Scalar,
    /** KL(q(z) || prod_j q(z_j)). */
    correlation: tf.sub(logJoint, logProduct) as tf.Scalar,
    /** sum_j KL(q(z_j) || p(z_j)). */
    single: tf.sub(logProduct, logPrior) as tf.Scalar,
  };
}
