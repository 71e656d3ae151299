// A VAE of binary images whose likelihood is its purpose. The latent says what a local model cannot know, as in PixelVAE
// (Gulrajani et al. 2016, https://arxiv.org/abs/1611.05013) and the variational lossy autoencoder (Chen et al. 2016,
// https://arxiv.org/abs/1611.02731): the decoder makes feature maps of it, to which a small network adds what the pixels
// above and to the left tell, and 1 x 1 layers make each pixel's logit of both. Only that network sees pixels, so it runs
// once for any number of latents.

import * as tf from "@tensorflow/tfjs";
import type { WeightSpec } from "../../shared/model/spec.ts";
import {
  conv,
  convSpecs,
  convTranspose,
  createVariables,
  dense,
  denseSpecs,
  type Variables,
} from "../latent/flow/network.ts";
import { causalConv, causalPatches, causalTaps, reachOf } from "./causal.ts";
import type { Shape } from "./config.ts";
import { logNormal, logPrior, priorSpecs } from "./prior.ts";

/** Of an image, pixels. */
export const SIDE = 28;
/** Filters of the encoder's convolutions and units of its hidden layer; the decoder has the same filters backwards. */
const [OUTER, INNER, HIDDEN] = [32, 64, 256];
const SMALL = SIDE / 4;

/** q(z|x), [batch, latent] each. */
export interface Posterior {
  readonly mu: tf.Tensor2D;
  readonly logVar: tf.Tensor2D;
}

export function weightSpecs({ latent, channels, reach }: Shape): WeightSpec[] {
  const flat = SMALL * SMALL * INNER;
  const transposed = (name: string, inputs: number, filters: number): WeightSpec[] => [
    { name: `${name}/kernel`, shape: [4, 4, filters, inputs] },
    { name: `${name}/bias`, shape: [filters] },
  ];
  return [
    ...convSpecs("encoder_0", 4, 1, OUTER),
    ...convSpecs("encoder_1", 4, OUTER, INNER),
    ...denseSpecs("encoder_2", flat, HIDDEN),
    ...denseSpecs("encoder_3", HIDDEN, 2 * latent),
    ...denseSpecs("decoder_0", latent, flat),
    ...transposed("decoder_1", INNER, OUTER),
    ...transposed("decoder_2", OUTER, channels),
    { name: "local/kernel", shape: [causalTaps(reach), 1, channels] },
    { name: "local/bias", shape: [channels] },
    ...denseSpecs("pixel_0", channels, channels),
    ...denseSpecs("pixel_1", channels, 1),
    ...priorSpecs(latent),
  ];
}

/** Weights to train, by name. @param seed  of the initial ones */
export function createWeights(shape: Shape, seed: string): Map<string, tf.Variable> {
  return createVariables(weightSpecs(shape), `${seed}/weights`);
}

/** @param images  [batch, 28, 28, 1], 0 or 1 */
export function encode(weights: Variables, images: tf.Tensor4D): Posterior {
  const outer = tf.elu(conv(weights, "encoder_0", images, 2));
  const inner = tf.elu(conv(weights, "encoder_1", outer, 2));
  const hidden = tf.elu(dense(weights, "encoder_2", tf.reshape(inner, [images.shape[0], -1])));
  const [mu, logVar] = tf.split(dense(weights, "encoder_3", hidden), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  return { mu, logVar };
}

/** What latents tell every pixel, [batch, 28, 28, channels]. @param z  [batch, latent] */
export function decodeFeatures(weights: Variables, z: tf.Tensor2D): tf.Tensor4D {
  const hidden = tf.elu(dense(weights, "decoder_0", z));
  const small = tf.reshape(hidden, [-1, SMALL, SMALL, INNER]) as tf.Tensor4D;
  return convTranspose(weights, "decoder_2", tf.elu(convTranspose(weights, "decoder_1", small, 2)), 2);
}

/** What earlier pixels tell each pixel, [batch, 28, 28, channels]. @param images  [batch, 28, 28, 1] */
export function localFeatures(weights: Variables, images: tf.Tensor4D): tf.Tensor4D {
  return tf.add(causalConv(images, localKernel(weights)), weights.get("local/bias")!);
}

/** The same for one pixel of each image, [batch, 1, 1, channels]. @param images  [batch, 28, 28], 0 or 1, flat */
export function localFeaturesAt(weights: Variables, images: Float32Array, y: number, x: number): tf.Tensor4D {
  const kernel = localKernel(weights);
  const [taps, , channels] = kernel.shape;
  const patches = causalPatches(images, [SIDE, SIDE], reachOf(kernel), y, x);
  const sums = tf.matMul(
    tf.tensor2d(patches, [patches.length / taps, taps]),
    tf.reshape(kernel, [taps, channels]),
  );
  return tf.reshape(tf.add(sums, weights.get("local/bias")!), [-1, 1, 1, channels]);
}

/**
 * Logits, [batch, 28, 28, 1].
 * @param features  of latents, [batch, 28, 28, channels]
 * @param local  of as many images, or of one that all latents are of
 */
export function pixelLogits(weights: Variables, features: tf.Tensor4D, local: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = features.shape;
  // A 1 x 1 convolution is a product over pixels.
  const joined = tf.reshape(tf.elu(tf.add(features, local)), [-1, channels]);
  const hidden = tf.elu(dense(weights, "pixel_0", joined));
  return tf.reshape(dense(weights, "pixel_1", hidden), [batch, height, width, 1]);
}

/** A latent of each image, z = mu + sigma noise, and log q(z|x) - log p(z) of it, nats, [batch]. */
export function drawPosterior(weights: Variables, { mu, logVar }: Posterior, noise: tf.Tensor2D) {
  const z = tf.add(mu, tf.mul(tf.exp(tf.mul(logVar, 0.5)), noise)) as tf.Tensor2D;
  const logPosterior = tf.sub(logNormal(noise), tf.mul(tf.sum(logVar, 1), 0.5));
  return { z, logRatio: tf.sub(logPosterior, logPrior(weights, z)) as tf.Tensor1D };
}

function localKernel(weights: Variables): tf.Tensor3D {
  return weights.get("local/kernel") as tf.Tensor as tf.Tensor3D;
}
