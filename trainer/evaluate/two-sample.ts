// The classifier two-sample test (Lopez-Paz & Oquab 2017, https://arxiv.org/abs/1610.06545): a fresh network learns to tell
// drawn images from real ones, and is judged on images that it has not seen. It can be right by chance in half of them.

import * as tf from "@tensorflow/tfjs";
import { createNetwork } from "../../shared/decoder/network.ts";
import { ArgumentError } from "../../shared/errors.ts";
import { planEncoder } from "../../shared/model/plan.ts";
import type { Layer } from "../../shared/model/spec.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import { shuffled } from "../data/dataset.ts";
import { runNetwork } from "../math/run-network.ts";
import { accuracyOf } from "./classifier/classifier.ts";
import { fitClassifier } from "./classifier/train.ts";

export interface TwoSampleTest {
  /** "small" begins with a stride; "strict" looks at full resolution, where texture shows. */
  readonly network: keyof typeof NETWORKS;
  /** Grey images as they are, or thresholded at half ink, which leaves their shapes. */
  readonly tone: "grey" | "thresholded";
}

export interface TwoSampleCounts {
  /** Images of each side that the network learns from, and others that it is judged on. */
  readonly learned: number;
  readonly judged: number;
}

const convolution = (filters: number, kernel: number, stride: number): Layer => ({
  kind: "conv2d",
  filters,
  kernel,
  stride,
  activation: "relu",
});
const NETWORKS = {
  small: { layers: [convolution(32, 5, 2), convolution(64, 3, 2)], epochs: 12, learningRate: 1e-3 },
  strict: {
    layers: [convolution(16, 3, 1), convolution(32, 3, 1), convolution(64, 3, 2), convolution(64, 3, 2)],
    epochs: 10,
    learningRate: 1.5e-3,
  },
} as const;
const UNITS = 64;
const TRAINING = { batchSize: 64, dropout: 0, averaged: 1 };
const SIDE = 28;
const PIXELS = SIDE * SIDE;
const BATCH = 16;

/**
 * Trains a network and returns its accuracy on other images, 0 to 1.
 * @param drawn, real  float32 [n, 28, 28] in [0, 1], flat, of which `learned + judged` are chosen
 * @param seed  of the choice of images, the initial weights and the order
 * @throws ArgumentError when a side has fewer
 */
export async function twoSampleAccuracy(
  drawn: Float32Array,
  real: Float32Array,
  { network, tone }: TwoSampleTest,
  { learned, judged }: TwoSampleCounts,
  seed: string,
): Promise<number> {
  const sides = [drawn, real].map((images, side) => {
    const count = images.length / PIXELS;
    if (count < learned + judged) {
      throw new ArgumentError(`expected ${learned + judged} images a side, found ${count}`);
    }
    return { images, order: shuffled(count, `${seed}/${side}`) };
  });
  /** Both sides' images at some places of their orders, the drawn ones first. */
  const take = (from: number, to: number) => {
    const length = (to - from) * PIXELS;
    const both = new Float32Array(2 * length);
    for (const [side, { images, order }] of sides.entries()) {
      both.set(imagesAt(images, order.subarray(from, to)), side * length);
    }
    return tone === "grey" ? both : both.map((pixel) => +(pixel > 127.5 / 255));
  };
  const [learning, judging] = [take(0, learned), take(learned, learned + judged)];

  const { layers, ...training } = NETWORKS[network];
  const plan = planEncoder({
    input: [SIDE, SIDE, 1],
    // planEncoder ends in a dense layer of two numbers per latent: here, one per side.
    latent: { kind: "gaussian", dim: 1 },
    encoder: [...layers, { kind: "flatten" }, { kind: "dense", units: UNITS, activation: "relu" }],
    decoder: [],
  });
  const batchOf = (indices: Uint32Array) => {
    const labels = Int32Array.from(indices, (index) => +(index >= learned));
    return {
      images: tf.tensor4d(imagesAt(learning, indices), [indices.length, SIDE, SIDE, 1]),
      labels: tf.oneHot(tf.tensor1d(labels, "int32"), 2) as tf.Tensor2D,
    };
  };
  const weights = await fitClassifier(plan, 2 * learned, { ...TRAINING, ...training, seed }, batchOf);
  const scores = runNetwork(createNetwork(loadDecodeKernels(), plan, weights, BATCH), judging);
  const found = Uint8Array.from({ length: 2 * judged }, (_, i) => +(scores[2 * i + 1]! > scores[2 * i]!));
  return accuracyOf(
    found,
    found.map((_, i) => +(i >= judged)),
  );
}

/** Some images of 28 by 28 pixels, flat. */
export function imagesAt(images: Float32Array, indices: Uint32Array): Float32Array {
  const chosen = new Float32Array(indices.length * PIXELS);
  for (const [i, index] of indices.entries()) {
    chosen.set(images.subarray(index * PIXELS, (index + 1) * PIXELS), i * PIXELS);
  }
  return chosen;
}
