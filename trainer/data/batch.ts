// Images by index: those of a training step, as tensors, and those that a trained model is measured on.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, sampleNormal } from "../../shared/arithmetic/random.ts";
import type { TrainingConfig } from "../train/config.ts";
import { addNoise, binarise, turnAndShift } from "./augment.ts";
import { type Dataset, gatherImages, labelsOf } from "./dataset.ts";

export interface Batch {
  /** What the encoder sees, [batch, height, width, 1] in [0, 1]. */
  readonly inputs: tf.Tensor4D;
  /** What the decoder should draw; the same tensor unless inputs are noisy. */
  readonly targets: tf.Tensor4D;
  /** On the images, [batch]. */
  readonly digits: Uint8Array;
}

/** Images as the model sees them, and the digits on them. */
export interface LabelledImages {
  /** float32 [count, height, width, channels] in [0, 1], flat */
  readonly images: Float32Array;
  /** [count] */
  readonly labels: Uint8Array;
}

/**
 * A batch, as configured.
 * @param seed  of all its randomness
 */
export function createBatch(
  data: Dataset,
  indices: Uint32Array,
  config: Pick<TrainingConfig, "augment" | "binarise">,
  seed: string,
): Batch {
  const { height, width } = data;
  const toTensor = (pixels: Float32Array) => tf.tensor4d(pixels, [indices.length, height, width, 1]);
  let images = gatherImages(data, indices);
  if (config.augment) images = turnAndShift(images, height, width, createGenerator(`${seed}/move`));
  if (config.binarise) images = binarise(images, createGenerator(`${seed}/binarise`));
  const targets = toTensor(images);
  const inputs = config.augment ? toTensor(addNoise(images, createGenerator(`${seed}/grain`))) : targets;
  return { inputs, targets, digits: labelsOf(data, indices) };
}

/**
 * Images as a trained model sees them: binarised if it was trained on binarised ones, each image always in the same way.
 * @returns float32 [indices.length, height, width, 1] in [0, 1], flat
 */
export function modelInputs(
  data: Dataset,
  indices: Uint32Array,
  { binarise: isBinarised, seed }: Pick<TrainingConfig, "binarise" | "seed">,
): Float32Array {
  const inputs = gatherImages(data, indices);
  if (!isBinarised) return inputs;
  const pixels = data.height * data.width;
  for (const [i, index] of indices.entries()) {
    const image = inputs.subarray(i * pixels, (i + 1) * pixels);
    image.set(binarise(image, createGenerator(`${seed}/binarise/${index}`)));
  }
  return inputs;
}

/** Draws from N(0, 1), [count, latentDim]. */
export function noiseTensor(count: number, latentDim: number, seed: string): tf.Tensor2D {
  const noise = sampleNormal(createGenerator(seed), new Float32Array(count * latentDim));
  return tf.tensor2d(noise, [count, latentDim]);
}
