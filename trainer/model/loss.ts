// The negative evidence lower bound of a VAE with a Bernoulli decoder (Kingma & Welling 2014), as sums over the
// batch. Divided by the number of images they are the reported nats per image.

import type * as tf from "@tensorflow/tfjs";
import { bceWithLogits } from "../backend/ops.ts";
import type { Batch } from "../data/batch.ts";
import { type Dropout, runStack } from "./dropout.ts";
import type { Vae } from "./vae.ts";

/** Both parts of the loss, scalars, summed over pixels or latents and over the batch. */
export interface ElboParts {
  /** -log p(x|z), nats: binary cross-entropy, also for grey pixels. */
  readonly reconstruction: tf.Scalar;
  /** KL(q(z|x) || p(z)), nats; for codes under a uniform prior, log K per code (van den Oord et al. 2017, 3.1). */
  readonly kl: tf.Scalar;
  /** The term that training weights by beta: the KL, or for codes the commitment. */
  readonly penalty: tf.Scalar;
}

/**
 * @param noise  [batch, the bottleneck's noiseDim], draws from N(0, 1)
 * @param training  only in training steps: the run's dropout
 */
export function negativeElbo(
  vae: Vae,
  { inputs, targets }: Batch,
  noise: tf.Tensor2D,
  training?: Dropout,
): ElboParts {
  const outputs = runStack(vae.encoder, inputs, training) as tf.Tensor2D;
  const { latent, kl, penalty } = vae.bottleneck.forward(outputs, noise, training !== undefined);
  const logits = runStack(vae.decoder, latent, training) as tf.Tensor4D;
  return { reconstruction: bceWithLogits(logits, targets), kl, penalty };
}

/** The decoder's input without noise, [batch, latentDim]: the mean of q(z|x), or the embeddings of the codes. */
export function encodeLatent(vae: Vae, images: tf.Tensor4D): tf.Tensor2D {
  return vae.bottleneck.encodeMean(runStack(vae.encoder, images) as tf.Tensor2D);
}
