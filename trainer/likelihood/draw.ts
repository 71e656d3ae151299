// Draws images pixel by pixel, each given its latent and the pixels that were drawn before it.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, uniform } from "../../shared/arithmetic/random.ts";
import type { Variables } from "../latent/flow/network.ts";
import { decodeFeatures, localFeaturesAt, pixelLogits } from "./network.ts";

export interface DrawnImages {
  /** 0 or 1, [count, 28, 28, 1], flat */
  readonly images: Float32Array;
  /** -log p(x|z) of each, nats. */
  readonly nats: Float64Array;
}

/** @param z  [count, latent] */
export function drawImages(weights: Variables, z: tf.Tensor2D, seed: string): DrawnImages {
  const next = createGenerator(seed);
  const features = tf.tidy(() => decodeFeatures(weights, z));
  const [count, height, width, channels] = features.shape;
  const values = features.dataSync() as Float32Array;
  features.dispose();
  const images = new Float32Array(count * height * width);
  const nats = new Float64Array(count);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = new Float32Array(count * channels);
      for (let i = 0; i < count; i++) {
        const at = ((i * height + y) * width + x) * channels;
        own.set(values.subarray(at, at + channels), i * channels);
      }
      const logits = tf.tidy(() => {
        const features = tf.tensor4d(own, [count, 1, 1, channels]);
        return pixelLogits(weights, features, localFeaturesAt(weights, images, y, x)).dataSync();
      });
      for (let i = 0; i < count; i++) {
        const ink = uniform(next) < 1 / (1 + Math.exp(-logits[i]!)) ? 1 : 0;
        images[(i * height + y) * width + x] = ink;
        nats[i]! += Math.log1p(Math.exp(ink ? -logits[i]! : logits[i]!));
      }
    }
  }
  return { images, nats };
}
