// Indices to tensors: the images of a step as the encoder sees them and as the decoder should draw them.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, sampleNormal } from "../../shared/arithmetic/random.ts";
import { addNoise, binarise, turnAndShift } from "./augment.ts";
import type { TrainingConfig } from "../train/config.ts";
import { type Dataset, gatherImages } from "./dataset.ts";

export interface Batch {
  /** What the encoder sees, [batch, height, width, 1] in [0, 1]. */
  readonly inputs: tf.Tensor4D;
  /** What the decoder should draw; the same tensor where nothing sets them apart. */
  readonly targets: tf.Tensor4D;
}

/** Images as the model sees them, and the digits on them. */
export interface LabelledImages {
  /** float32 [count, height, width, channels] in [0, 1], flat */
  readonly images: Float32Array;
  /** [count] */
  readonly labels: Uint8Array;
}

/**
 * A batch for training: augmented and binarised as the configuration says.
 * @param seed  of all that is random in it
 */
export function trainingBatch(
  images: Dataset,
  indices: Uint32Array,
  config: TrainingConfig,
  seed: string,
): Batch {
  const original = gatherImages(images, indices);
  const moved = config.augment
    ? turnAndShift(original, images.height, images.width, createGenerator(`${seed}/move`))
    : original;
  const targets = config.binarise ? binarise(moved, createGenerator(`${seed}/binarise`)) : moved;
  const target = imageTensor(images, targets);
  if (!config.augment) return { inputs: target, targets: target };
  return {
    inputs: imageTensor(images, addNoise(targets, createGenerator(`${seed}/grain`))),
    targets: target,
  };
}

/** A batch for validation: never augmented, binarised always in the same way. */
export function validationBatch(
  images: Dataset,
  indices: Uint32Array,
  config: TrainingConfig,
  seed: string,
): Batch {
  const original = gatherImages(images, indices);
  const target = imageTensor(
    images,
    config.binarise ? binarise(original, createGenerator(`${seed}/binarise`)) : original,
  );
  return { inputs: target, targets: target };
}

/**
 * Images as a model sees them once it is trained: binarised where it was trained on binarised ones, each always in the same
 * way.
 * @returns float32 [indices.length, height, width, 1] in [0, 1], flat
 */
export function modelInputs(
  images: Dataset,
  indices: Uint32Array,
  { binarise: isBinarised, seed }: Pick<TrainingConfig, "binarise" | "seed">,
): Float32Array {
  const inputs = gatherImages(images, indices);
  if (!isBinarised) return inputs;
  const pixels = images.height * images.width;
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

function imageTensor({ height, width }: Dataset, pixels: Float32Array): tf.Tensor4D {
  return tf.tensor4d(pixels, [pixels.length / (height * width), height, width, 1]);
}
