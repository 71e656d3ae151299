// The importance-weighted autoencoder: -L_K = -E[log 1/K sum_k w_k] with w_k = p(x, z_k) / q(z_k|x) (Burda et al. 2016,
// https://arxiv.org/abs/1509.00519, eq. 8). The more draws, the less the plain gradient tells the encoder (Rainforth et al.
// 2018); the doubly reparameterised one does not lose its signal (Tucker et al. 2018, https://arxiv.org/abs/1810.04152,
// eq. 8): sum_k v_k^2 dlog w_k/dz_k dz_k/dphi with v_k = w_k / sum_j w_j, and q's own parameters held constant.

import * as tf from "@tensorflow/tfjs";
import { reparameterize } from "../latent/gaussian/bottleneck.ts";
import { scaleGradient, stopGradient } from "./gradient.ts";
import type { Objective, Step, Terms } from "./objective.ts";
import { klPerDimension } from "./vae.ts";

export const iwae: Objective = {
  summary:
    "the importance-weighted bound with doubly reparameterised gradients (Burda et al. 2016, Tucker et al. 2018)",
  takes: ["importanceSamples"],
  draws: ({ importanceSamples }) => importanceSamples,
  loss: importanceWeighted,
};

/** The loss is -L_K; the terms for reports are those of the VAE, so that curves compare. */
function importanceWeighted(step: Step): Terms {
  const draws = step.options.importanceSamples;
  const { mu, logVar } = step.posterior();
  const [means, logVars] = [repeatRows(mu, draws), repeatRows(logVar, draws)];
  // The encoder learns through z alone, by v_k once from the bound and once more from here.
  let shares: Float32Array;
  const z = scaleGradient(reparameterize(means, logVars, step.noise), () => shares);
  const nll = step.reconstructEach(z, draws);
  const logRatios = tf.sub(logNormal(z), logNormal(z, stopGradient(means), stopGradient(logVars)));
  const logWeights = tf.sub(tf.reshape(logRatios, nll.shape), nll);
  shares = tf.softmax(logWeights).dataSync() as Float32Array;
  // Its gradient by log w_k is -v_k.
  const loss = tf.neg(tf.sum(tf.sub(tf.logSumExp(logWeights, 1), Math.log(draws)))) as tf.Scalar;
  return {
    loss,
    reconstruction: tf.div(tf.sum(nll), draws),
    kl: tf.sum(klPerDimension(mu, logVar)),
  };
}

/** Every row so many times, one after the other: [rows * times, columns]. */
function repeatRows(x: tf.Tensor2D, times: number): tf.Tensor2D {
  const [rows, columns] = x.shape;
  return tf.reshape(tf.tile(tf.expandDims(x, 1), [1, times, 1]), [rows * times, columns]);
}

/** log N(z; mu, exp(logVar)) without its constant, by default of N(0, I), summed over dimensions: [rows]. */
function logNormal(z: tf.Tensor2D, mu?: tf.Tensor2D, logVar?: tf.Tensor2D): tf.Tensor1D {
  if (!mu || !logVar) return tf.mul(-0.5, tf.sum(tf.square(z), 1));
  const squares = tf.mul(tf.square(tf.sub(z, mu)), tf.exp(tf.neg(logVar)));
  return tf.mul(-0.5, tf.sum(tf.add(squares, logVar), 1));
}
