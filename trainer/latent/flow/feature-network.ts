// A small classifier of digits, trained in a minute, whose inner layers the feature critic reads. It is not the one that
// evaluations judge by: other layers, other weights.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, type Generator, uniform } from "../../../shared/arithmetic/random.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import { planLayers } from "../../../shared/model/layers.ts";
import type { Layer } from "../../../shared/model/spec.ts";
import { createAdam } from "../../backend/adam.ts";
import { type Dataset, gatherImages, labelsOf, shuffled } from "../../data/dataset.ts";
import { descend } from "../../parallel/descend.ts";
import type { Parallel } from "../../parallel/parallel.ts";
import { cutBatch } from "../../parallel/shards.ts";
import { cosineDecay } from "../../train/schedule.ts";
import { createVariables, crossEntropy, runLayers, type Variables, weightsOf } from "./network.ts";

export const VECTOR_SIZE = 64;

const LAYERS: readonly Layer[] = [
  { kind: "conv2d", filters: 24, kernel: 4, stride: 2, activation: "relu" },
  { kind: "conv2d", filters: 48, kernel: 4, stride: 2, activation: "relu" },
  { kind: "conv2d", filters: 64, kernel: 3, stride: 1, activation: "relu" },
  { kind: "flatten" },
  { kind: "dense", units: VECTOR_SIZE, activation: "relu" },
  { kind: "dense", units: CLASSES, activation: "linear" },
];
const PLAN = planLayers("features", LAYERS, [28, 28, 1]);
/** The features are what comes out of the last convolution, and of the layer before the scores. */
const [TO_MAP, TO_VECTOR, TO_SCORES] = [PLAN.slice(0, 3), PLAN.slice(3, 5), PLAN.slice(5)];
const EPOCHS = 3;
const BATCH = 128;
const LEARNING_RATE = 2e-3;
const WARMUP_STEPS = 100;
const SMOOTHING = 0.02;
/** Pixels by which a whole batch is shifted, each way. */
const SHIFT = 2;
/** Images over which features are scaled to a deviation of 1. */
const SCALED = 2000;

/** What the network makes of images. */
export interface Features {
  /** After its last convolution, [batch, 7, 7, 64]. */
  readonly map: tf.Tensor4D;
  /** After its hidden dense layer, [batch, VECTOR_SIZE]. */
  readonly vector: tf.Tensor2D;
}

export interface FeatureNetwork {
  /** Features, scaled to a deviation of 1 over training images, and a score for each digit. */
  readonly read: (images: tf.Tensor4D) => Features & { readonly scores: tf.Tensor2D };
  readonly dispose: () => void;
}

/** @param indices  of the images to learn from */
export function trainFeatureNetwork(
  data: Dataset,
  indices: Uint32Array,
  seed: string,
  parallel: Pick<Parallel, "group" | "shards">,
): FeatureNetwork {
  const variables = createVariables(weightsOf(PLAN), seed);
  const adam = createAdam(variables);
  const steps = Math.ceil(indices.length / BATCH);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = shuffled(indices.length, `${seed}/order/${epoch}`).map((i) => indices[i]!);
    for (let i = 0; i < steps; i++) {
      const step = epoch * steps + i;
      const rate = Math.min(1, (step + 1) / WARMUP_STEPS) * cosineDecay(step / (EPOCHS * steps));
      tf.tidy(() => {
        const rows = order.subarray(i * BATCH, (i + 1) * BATCH);
        const shards = cutBatch(rows.length, parallel.shards);
        const optimiser = { adam, learningRate: LEARNING_RATE * rate };
        descend(parallel, shards, [optimiser], ({ from, to, share }) => {
          const part = rows.subarray(from, to);
          const pixels = shifted(gatherImages(data, part), data, createGenerator(`${seed}/shift/${step}`));
          const images = tf.tensor4d(pixels, [part.length, data.height, data.width, 1]);
          const labels = labelsOf(data, part);
          return () => ({
            loss: tf.mul(crossEntropy(run(variables, images).scores, labels, SMOOTHING), share),
          });
        });
      });
    }
  }
  adam.dispose();
  const scales = tf.tidy(() => {
    const { map, vector } = run(variables, imageTensor(data, indices.subarray(0, SCALED)));
    return [map, vector].map((x) => 1 / Math.sqrt(tf.moments(x).variance.dataSync()[0]!));
  });
  return {
    read: (images) => {
      const { map, vector, scores } = run(variables, images);
      return { map: tf.mul(map, scales[0]!), vector: tf.mul(vector, scales[1]!), scores };
    },
    dispose: () => tf.dispose([...variables.values()]),
  };
}

function run(variables: Variables, images: tf.Tensor4D) {
  const map = runLayers(TO_MAP, variables, images) as tf.Tensor4D;
  const vector = runLayers(TO_VECTOR, variables, map) as tf.Tensor2D;
  return { map, vector, scores: runLayers(TO_SCORES, variables, vector) as tf.Tensor2D };
}

/** Images as the data has them, [rows, height, width, 1] in [0, 1]. */
export function imageTensor(data: Dataset, rows: Uint32Array): tf.Tensor4D {
  return tf.tensor4d(gatherImages(data, rows), [rows.length, data.height, data.width, 1]);
}

/**
 * Moves images by up to SHIFT whole pixels each way, all of them alike; what is empty is black.
 * @param pixels  [images, height, width], flat
 */
export function shifted(
  pixels: Float32Array,
  { height, width }: Pick<Dataset, "height" | "width">,
  next: Generator,
): Float32Array {
  const shift = () => Math.floor(uniform(next) * (2 * SHIFT + 1)) - SHIFT;
  const [up, left] = [shift(), shift()];
  const moved = new Float32Array(pixels.length);
  const [from, to] = [Math.max(0, left), width + Math.min(0, left)];
  for (let image = 0; image < pixels.length; image += height * width) {
    for (let y = Math.max(0, -up); y < height - Math.max(0, up); y++) {
      const source = image + (y + up) * width;
      moved.set(pixels.subarray(source + from, source + to), image + y * width + from - left);
    }
  }
  return moved;
}
