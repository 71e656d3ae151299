// The negative evidence lower bound of a VAE with a Bernoulli decoder (Kingma & Welling 2014), as sums over the
// batch. Divided by the number of images they are the nats per image that are reported.

import * as tf from "@tensorflow/tfjs";
import { bceWithLogits } from "./backend/ops.ts";
import type { Batch } from "./batch.ts";
import { type Dropout, runStack } from "./dropout.ts";
import type { Vae } from "./vae.ts";

/** Both parts of the loss, scalars, summed over pixels or latents and over the batch. */
export interface ElboParts {
  /** -log p(x|z), nats: binary cross-entropy, also for grey pixels. */
  readonly reconstruction: tf.Scalar;
  /** KL(q(z|x) || N(0, I)), nats. */
  readonly kl: tf.Scalar;
}

/**
 * @param noise  [batch, latentDim], draws from N(0, 1)
 * @param dropout  for training steps of a run that has it
 */
export function negativeElbo(
  vae: Vae,
  { inputs, targets }: Batch,
  noise: tf.Tensor2D,
  dropout?: Dropout,
): ElboParts {
  const { mu, logVar } = encode(vae, inputs, dropout);
  const z = reparameterize(mu, logVar, noise);
  const logits = runStack(vae.decoder, z, dropout) as tf.Tensor4D;
  return { reconstruction: bceWithLogits(logits, targets), kl: klDivergence(mu, logVar) };
}

/** Parameters of q(z|x), each [batch, latentDim]. */
export function encode(
  vae: Vae,
  images: tf.Tensor4D,
  dropout?: Dropout,
): { mu: tf.Tensor2D; logVar: tf.Tensor2D } {
  const heads = runStack(vae.encoder, images, dropout);
  const [mu, logVar] = tf.split(heads, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  return { mu, logVar };
}

/** z = mu + sigma * noise, so that gradients pass through the draw (Kingma & Welling 2014, 2.4). */
export function reparameterize(mu: tf.Tensor2D, logVar: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor2D {
  return tf.add(mu, tf.mul(tf.exp(tf.mul(logVar, 0.5)), noise));
}

/**
 * KL(q(z|x) || N(0, I)), summed over latents and the batch (Kingma & Welling 2014, App. B).
 * @param mu, logVar  [batch, latentDim]
 */
export function klDivergence(mu: tf.Tensor2D, logVar: tf.Tensor2D): tf.Scalar {
  const terms = tf.sub(tf.sub(tf.add(1, logVar), tf.square(mu)), tf.exp(logVar));
  return tf.mul(-0.5, tf.sum(terms)) as tf.Scalar;
}
