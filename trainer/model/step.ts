// A batch on its way through a VAE, as objectives see it.

import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../data/batch.ts";
import type { Step } from "../objectives/objective.ts";
import { plainOptions } from "../objectives/options.ts";
import { type Dropout, runStack } from "./dropout.ts";
import { LIKELIHOODS, type Likelihood } from "./likelihood.ts";
import type { Vae } from "./vae.ts";

/** What an objective is told, beside the batch. */
export interface StepContext extends Pick<Step, "options" | "beta" | "trainingCount"> {
  readonly likelihood: Likelihood;
}

const PLAIN: StepContext = {
  options: plainOptions,
  beta: plainOptions.beta,
  trainingCount: 1,
  likelihood: LIKELIHOODS.bernoulli,
};

/**
 * Encodes a batch.
 * @param noise  [batch, the bottleneck's noiseDim], draws from N(0, 1)
 * @param context  by default that of the VAE
 * @param training  only in training steps: the run's dropout
 */
export function openStep(
  vae: Vae,
  { inputs, targets, digits }: Batch,
  noise: tf.Tensor2D,
  { likelihood, ...context }: StepContext = PLAIN,
  training?: Dropout,
): Step {
  const { encoder, decoder, bottleneck } = vae;
  const outputs = runStack(encoder, inputs, training) as tf.Tensor2D;
  return {
    ...context,
    count: inputs.shape[0],
    noise,
    draw: () => bottleneck.forward(outputs, noise, digits, training !== undefined),
    posterior: () => bottleneck.posterior!(outputs, digits),
    reconstructEach: (latents, draws) => {
      const pixels = inputs.size / inputs.shape[0];
      const logits = tf.reshape(runStack(decoder, latents, training), [-1, draws, pixels]) as tf.Tensor3D;
      return likelihood.nllEach(logits, tf.reshape(targets, [-1, 1, pixels]));
    },
    decoderWeights: decoder.trainableWeights.map((weights) => weights.read() as tf.Variable),
    reconstruct: (latents) => likelihood.nll(runStack(decoder, latents, training), targets),
  };
}

/** The decoder's input without noise, [batch, latentDim]: the mean of q(z|x), or the embeddings of the codes. */
export function encodeLatent(vae: Vae, { inputs, digits }: Omit<Batch, "targets">): tf.Tensor2D {
  return vae.bottleneck.encodeMean(runStack(vae.encoder, inputs) as tf.Tensor2D, digits);
}
