// Trains the classifier on MNIST, with the trainer's own backend, augmentation and optimiser. The weights that it
// returns are the mean over the last epochs, which lies in a flatter minimum (Izmailov et al. 2018,
// https://arxiv.org/abs/1803.05407).

import * as tf from "@tensorflow/tfjs";
import { createGenerator } from "../../../shared/arithmetic/random.ts";
import type { PlannedLayer } from "../../../shared/model/layers.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { createAdam } from "../../backend/adam.ts";
import { turnAndShift } from "../../data/augment.ts";
import { type Dataset, gatherImages, labelsOf, shuffled } from "../../data/dataset.ts";
import { DivergenceError } from "../../errors.ts";
import { runStack } from "../../model/dropout.ts";
import { buildStack, initialWeights, loadWeights, readWeights, variablesOf } from "../../model/vae.ts";
import { cosineDecay } from "../../train/schedule.ts";
import { CLASSES, CLASSIFIER_PLAN } from "./network.ts";

/** How a classifier is trained; stored with the weights of the one that is kept. */
export interface ClassifierTraining {
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** Of the first step; cosine decay to 0. */
  readonly learningRate: number;
  /** Dropout rate of units and channels. */
  readonly dropout: number;
  /** Last epochs whose weights are averaged. */
  readonly averaged: number;
  /** Of initial weights, order, augmentation and dropout. */
  readonly seed: string;
}

/** The recipe of the classifier that the repository keeps: 99.5 % of the test images. */
export const CLASSIFIER_TRAINING: ClassifierTraining = {
  epochs: 14,
  batchSize: 100,
  learningRate: 0.002,
  dropout: 0.05,
  averaged: 3,
  seed: "classifier",
};

/**
 * Fits the network on images that are turned and shifted differently in each epoch.
 * @param indices  the images of `data` to train on
 * @param onEpoch  called with the epoch, from 1, and its mean cross-entropy in nats
 * @returns the averaged weights
 * @throws DivergenceError
 */
export async function trainClassifier(
  data: Dataset,
  indices: Uint32Array,
  training: ClassifierTraining,
  onEpoch: (epoch: number, loss: number) => void = () => {},
): Promise<Weights> {
  const chosen = (rows: Uint32Array) => rows.map((i) => indices[i]!);
  const movedBatch = (rows: Uint32Array, step: string) => batchOf(data, chosen(rows), step);
  return fitClassifier(CLASSIFIER_PLAN, indices.length, training, movedBatch, onEpoch);
}

/**
 * Fits a network to classes.
 * @param count  images to learn from
 * @param batchOf  images and one-hot labels of a step, by its name
 * @returns the averaged weights
 * @throws DivergenceError
 */
export async function fitClassifier(
  plan: readonly PlannedLayer[],
  count: number,
  training: ClassifierTraining,
  batchOf: (
    rows: Uint32Array,
    step: string,
  ) => { readonly images: tf.Tensor4D; readonly labels: tf.Tensor2D },
  onEpoch: (epoch: number, loss: number) => void = () => {},
): Promise<Weights> {
  const { epochs, batchSize, learningRate, seed } = training;
  const stack = buildStack(plan, "logits", "classifier");
  const variables = variablesOf(plan, stack);
  // Kernels as suits ReLU (He et al. 2015); biases 0.
  const boundOf = (fanIn: number, rank: number) => (rank === 1 ? 0 : Math.sqrt(6 / fanIn));
  loadWeights(variables, initialWeights(plan, seed, boundOf));
  const adam = createAdam(variables);
  const last: Weights[] = [];
  const steps = Math.ceil(count / batchSize);
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const order = shuffled(count, `${seed}/order/${epoch}`);
      let loss = 0;
      for (let step = 0; step < steps; step++) {
        const rows = order.subarray(step * batchSize, (step + 1) * batchSize);
        const rate = learningRate * cosineDecay((epoch - 1 + step / steps) / epochs);
        const name = `${seed}/${epoch}/${step}`;
        const value = tf.tidy(() => {
          const { images, labels } = batchOf(rows, name);
          const { value: mean, grads } = tf.variableGrads(() => {
            const scores = runStack(stack, images, { rate: training.dropout, seed: `${name}/dropout` });
            return tf.losses.softmaxCrossEntropy(labels, scores) as tf.Scalar;
          }, [...variables.values()]);
          adam.step(grads, rate);
          return mean;
        });
        loss += ((await value.data())[0]! * rows.length) / count;
        value.dispose();
      }
      if (!Number.isFinite(loss)) {
        throw new DivergenceError(`the loss of epoch ${epoch} is ${loss}: training diverged`);
      }
      if (epoch > epochs - training.averaged) last.push(await readWeights(variables));
      onEpoch(epoch, loss);
    }
    return meanOf(last);
  } finally {
    adam.dispose();
    stack.dispose();
  }
}

function batchOf(data: Dataset, indices: Uint32Array, seed: string) {
  const { height, width } = data;
  const moved = turnAndShift(gatherImages(data, indices), height, width, createGenerator(seed));
  const labels = tf.tensor1d(Int32Array.from(labelsOf(data, indices)), "int32");
  return {
    images: tf.tensor4d(moved, [indices.length, height, width, 1]),
    labels: tf.oneHot(labels, CLASSES) as tf.Tensor2D,
  };
}

function meanOf(all: readonly Weights[]): Weights {
  const mean = (name: string, i: number) =>
    all.reduce((sum, weights) => sum + weights.get(name)![i]!, 0) / all.length;
  return new Map(Array.from(all[0]!, ([name, values]) => [name, values.map((_, i) => mean(name, i))]));
}
