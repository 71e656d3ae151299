// A batch on its way through a VAE, as objectives see it.

import * as tf from "@tensorflow/tfjs";
import { bceWithLogits } from "../backend/ops.ts";
import type { Batch } from "../data/batch.ts";
import type { Step } from "../objectives/objective.ts";
import { plainOptions } from "../objectives/options.ts";
import { type Dropout, runStack } from "./dropout.ts";
import type { Vae } from "./vae.ts";

/** What an objective is told, beside the batch. */
export type StepContext = Pick<Step, "options" | "beta" | "trainingCount">;

const PLAIN: StepContext = { options: plainOptions, beta: plainOptions.beta, trainingCount: 1 };

/**
 * Encodes a batch.
 * @param noise  [batch, the bottleneck's noiseDim], draws from N(0, 1)
 * @param context  by default that of the VAE
 * @param training  only in training steps: the run's dropout
 */
export function openStep(
  vae: Vae,
  { inputs, targets }: Batch,
  noise: tf.Tensor2D,
  context: StepContext = PLAIN,
  training?: Dropout,
): Step {
  const { encoder, decoder, bottleneck } = vae;
  const outputs = runStack(encoder, inputs, training) as tf.Tensor2D;
  return {
    ...context,
    count: inputs.shape[0],
    noise,
    draw: () => bottleneck.forward(outputs, noise, training !== undefined),
    posterior: () => bottleneck.posterior!(outputs),
    reconstructEach: (latents, draws) => {
      const pixels = inputs.size / inputs.shape[0];
      const logits = tf.reshape(runStack(decoder, latents, training), [-1, draws, pixels]) as tf.Tensor3D;
      return bernoulliNll(logits, tf.reshape(targets, [-1, 1, pixels]));
    },
    decoderWeights: decoder.trainableWeights.map((weights) => weights.read() as tf.Variable),
    reconstruct: (latents) => bceWithLogits(runStack(decoder, latents, training), targets),
  };
}

/** The decoder's input without noise, [batch, latentDim]: the mean of q(z|x), or the embeddings of the codes. */
export function encodeLatent(vae: Vae, images: tf.Tensor4D): tf.Tensor2D {
  return vae.bottleneck.encodeMean(runStack(vae.encoder, images) as tf.Tensor2D);
}

/**
 * Binary cross-entropy as a chain of operations, summed over pixels alone.
 * @param logits  [images, draws, pixels]
 * @param targets  [images, 1, pixels]
 */
function bernoulliNll(logits: tf.Tensor3D, targets: tf.Tensor3D): tf.Tensor2D {
  return tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, targets)), 2);
}
