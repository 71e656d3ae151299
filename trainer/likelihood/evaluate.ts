// The likelihood of images under a trained model: the importance-weighted bound (Burda et al. 2016,
// https://arxiv.org/abs/1509.00519, eq. 8), which approaches log p(x) from below as it gets more samples.

import * as tf from "@tensorflow/tfjs";
import { noiseTensor } from "../data/batch.ts";
import { shuffled } from "../data/dataset.ts";
import type { Variables } from "../latent/flow/network.ts";
import { logSumExp } from "../latent/gaussian/bound.ts";
import { bernoulliNll } from "../math/bernoulli.ts";
import { decodeFeatures, drawPosterior, encode, localFeatures, pixelLogits } from "./network.ts";

/** Latents decoded at a time. */
const CHUNK = 500;

export interface ImageLikelihood {
  /** -log p(x) by the importance-weighted bound, nats. */
  readonly nll: number;
  /** The negative ELBO, the mean of the same samples, nats. */
  readonly negativeElbo: number;
}

/**
 * Bounds the likelihood of one image.
 * @param image  [1, 28, 28, 1], 0 or 1
 * @param samples  of q(z|x)
 * @param seed  of them
 */
export function boundLikelihood(
  weights: Variables,
  image: tf.Tensor4D,
  samples: number,
  seed: string,
): ImageLikelihood {
  const logWeights = new Float64Array(samples);
  const pixels = image.dataSync() as Float32Array;
  const posterior = tf.tidy(() => ({ ...encode(weights, image) }));
  const local = tf.tidy(() => localFeatures(weights, image));
  for (let from = 0; from < samples; from += CHUNK) {
    const count = Math.min(CHUNK, samples - from);
    const [logits, logRatio] = tf.tidy(() => {
      const noise = noiseTensor(count, posterior.mu.shape[1], `${seed}/${from}`);
      const drawn = drawPosterior(weights, posterior, noise);
      return [pixelLogits(weights, decodeFeatures(weights, drawn.z), local), drawn.logRatio];
    });
    const [rows, ratios] = [logits.dataSync() as Float32Array, logRatio.dataSync()];
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * pixels.length, (i + 1) * pixels.length);
      logWeights[from + i] = -bernoulliNll(row, pixels) - ratios[i]!;
    }
    tf.dispose([logits, logRatio]);
  }
  tf.dispose([posterior, local]);
  return {
    nll: Math.log(samples) - logSumExp(logWeights),
    negativeElbo: -mean(logWeights),
  };
}

/** The images that a model is evaluated on: the first of a fixed random order, whose start is as hard as the whole. */
export function evaluatedImages(total: number, count: number): Uint32Array {
  return shuffled(total, "evaluated").subarray(0, count);
}

/** Mean and its standard error. */
export function meanWithError(values: readonly number[]): { mean: number; standardError: number } {
  const centre = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
  return { mean: centre, standardError: Math.sqrt(variance / values.length) };
}

function mean(values: readonly number[] | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
