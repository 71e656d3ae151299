// A learned prior: a flow of affine coupling layers (Dinh et al. 2017, RealNVP, https://arxiv.org/abs/1605.08803) that maps
// latents to standard normal noise. It follows the encoder's latents instead of pressing them into N(0, I).

import * as tf from "@tensorflow/tfjs";
import type { WeightSpec } from "../../shared/model/spec.ts";
import { dense, denseSpecs, type Variables } from "../latent/flow/network.ts";

/** Coupling layers; each changes the half that the one before it has left as it was. */
const COUPLINGS = 6;
const HIDDEN = 128;
/** Bound of the logarithm of a scale. */
const MAX_LOG_SCALE = 1.5;

export function priorSpecs(latent: number): WeightSpec[] {
  const half = latent / 2;
  return Array.from({ length: COUPLINGS }, (_, i) => [
    ...denseSpecs(`prior_${i}/first`, half, HIDDEN),
    ...denseSpecs(`prior_${i}/second`, HIDDEN, HIDDEN),
    ...denseSpecs(`prior_${i}/last`, HIDDEN, 2 * half),
  ]).flat();
}

/** log p(z), nats, [batch]. @param z  [batch, latent] */
export function logPrior(variables: Variables, z: tf.Tensor2D): tf.Tensor1D {
  let logDeterminant: tf.Tensor = tf.zeros([z.shape[0]]);
  let noise = z;
  for (let i = 0; i < COUPLINGS; i++) {
    const [kept, changed] = tf.split(noise, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const { logScale, shift } = coupling(variables, i, kept);
    noise = tf.concat([tf.add(tf.mul(changed, tf.exp(logScale)), shift), kept], 1);
    logDeterminant = tf.add(logDeterminant, tf.sum(logScale, 1));
  }
  return tf.add(logNormal(noise), logDeterminant);
}

/** Draws from the prior: the flow backwards. @param noise  [count, latent], of N(0, 1) */
export function drawPrior(variables: Variables, noise: tf.Tensor2D): tf.Tensor2D {
  let z = noise;
  for (let i = COUPLINGS - 1; i >= 0; i--) {
    const [changed, kept] = tf.split(z, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    const { logScale, shift } = coupling(variables, i, kept);
    z = tf.concat([kept, tf.mul(tf.sub(changed, shift), tf.exp(tf.neg(logScale)))], 1);
  }
  return z;
}

/** log N(z; 0, I), nats, [batch]. @param z  [batch, dimensions] */
export function logNormal(z: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(tf.mul(tf.add(tf.square(z), Math.log(2 * Math.PI)), -0.5), 1);
}

function coupling(variables: Variables, index: number, kept: tf.Tensor2D) {
  const name = `prior_${index}`;
  const first = tf.relu(dense(variables, `${name}/first`, kept));
  const second = tf.relu(dense(variables, `${name}/second`, first));
  const [scale, shift] = tf.split(dense(variables, `${name}/last`, second), 2, 1);
  return { logScale: tf.mul(tf.tanh(scale!), MAX_LOG_SCALE), shift: shift! };
}
