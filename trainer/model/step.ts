// A batch on its way through a VAE, as objectives see it.

import type * as tf from "@tensorflow/tfjs";
import { bceWithLogits } from "../backend/ops.ts";
import type { Batch } from "../data/batch.ts";
import type { Step } from "../objectives/objective.ts";
import { plainOptions } from "../objectives/options.ts";
import { type Dropout, runStack } from "./dropout.ts";
import type { Vae } from "./vae.ts";

const PLAIN = { options: plainOptions, beta: plainOptions.beta };

/**
 * Encodes a batch.
 * @param noise  [batch, the bottleneck's noiseDim], draws from N(0, 1)
 * @param weights  by default those of the VAE
 * @param training  only in training steps: the run's dropout
 */
export function openStep(
  vae: Vae,
  { inputs, targets }: Batch,
  noise: tf.Tensor2D,
  weights: Pick<Step, "options" | "beta"> = PLAIN,
  training?: Dropout,
): Step {
  const { encoder, decoder, bottleneck } = vae;
  const outputs = runStack(encoder, inputs, training) as tf.Tensor2D;
  return {
    ...weights,
    count: inputs.shape[0],
    noise,
    draw: () => bottleneck.forward(outputs, noise, training !== undefined),
    posterior: () => bottleneck.posterior!(outputs),
    reconstruct: (latents) => bceWithLogits(runStack(decoder, latents, training), targets),
  };
}

/** The decoder's input without noise, [batch, latentDim]: the mean of q(z|x), or the embeddings of the codes. */
export function encodeLatent(vae: Vae, images: tf.Tensor4D): tf.Tensor2D {
  return vae.bottleneck.encodeMean(runStack(vae.encoder, images) as tf.Tensor2D);
}
