// Trains the classifier on MNIST, with the trainer's own backend, augmentation and optimiser. The weights that it
// returns are the mean over the last epochs', which lies in a flatter minimum (Izmailov et al. 2018,
// https://arxiv.org/abs/1803.05407).

import * as tf from "@tensorflow/tfjs";
import { createGenerator, uniform } from "../../../shared/arithmetic/random.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { ADAM, createAdam } from "../../backend/adam.ts";
import { turnAndShift } from "../../data/augment.ts";
import { type Dataset, gatherImages, shuffled } from "../../data/dataset.ts";
import { DivergenceError } from "../../errors.ts";
import { runStack } from "../../model/dropout.ts";
import { buildStack, loadWeights, readWeights } from "../../model/vae.ts";
import { cosineDecay } from "../../train/schedule.ts";
import { CLASSES, CLASSIFIER_PLAN } from "./network.ts";

/** How the classifier is trained; kept beside its weights. */
export interface ClassifierTraining {
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** Of the first step; it falls to zero along half a cosine. */
  readonly learningRate: number;
  /** Share of units and channels left out, 0 to 1. */
  readonly dropout: number;
  /** Last epochs whose weights are averaged. */
  readonly averaged: number;
  /** Of initial weights, order, augmentation and dropout. */
  readonly seed: string;
}

/**
 * Fits the network on images that are turned and shifted anew in each epoch.
 * @param indices  the images of `data` to train on
 * @param onEpoch  told the epoch, from 1, and its mean cross-entropy in nats
 * @returns the averaged weights
 * @throws DivergenceError
 */
export async function trainClassifier(
  data: Dataset,
  indices: Uint32Array,
  training: ClassifierTraining,
  onEpoch: (epoch: number, loss: number) => void = () => {},
): Promise<Weights> {
  const { epochs, batchSize, seed } = training;
  const stack = buildStack(CLASSIFIER_PLAN, "logits", "classifier");
  const names = CLASSIFIER_PLAN.flatMap(({ weights }) => weights.map(({ name }) => name));
  const values = stack.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const variables = new Map(names.map((name, i) => [name, values[i]!]));
  loadWeights(variables, initialWeights(seed));
  const adam = createAdam(Object.fromEntries(variables), { ...ADAM, learningRate: training.learningRate });
  const sums = new Map<string, Float64Array>();
  const steps = Math.ceil(indices.length / batchSize);
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const order = shuffled(indices.length, `${seed}/order/${epoch}`);
      let loss = 0;
      for (let step = 0; step < steps; step++) {
        const chosen = order.subarray(step * batchSize, (step + 1) * batchSize).map((i) => indices[i]!);
        const done = (epoch - 1 + step / steps) / epochs;
        const rate = training.learningRate * cosineDecay(done);
        const name = `${seed}/${epoch}/${step}`;
        const value = tf.tidy(() => {
          const { images, labels } = batchOf(data, chosen, name);
          const { value: mean, grads } = tf.variableGrads(() => {
            const scores = runStack(stack, images, { rate: training.dropout, seed: `${name}/dropout` });
            return tf.losses.softmaxCrossEntropy(labels, scores) as tf.Scalar;
          }, values);
          adam.step(grads, rate);
          return mean;
        });
        loss += ((await value.data())[0]! * chosen.length) / indices.length;
        value.dispose();
      }
      if (!Number.isFinite(loss)) {
        throw new DivergenceError(`the loss of epoch ${epoch} is ${loss}: training diverged`);
      }
      if (epoch > epochs - training.averaged) addTo(sums, await readWeights(variables));
      onEpoch(epoch, loss);
    }
    return new Map(
      [...sums].map(([name, sum]) => [name, Float32Array.from(sum, (v) => v / training.averaged)]),
    );
  } finally {
    adam.dispose();
    stack.dispose();
  }
}

function batchOf(data: Dataset, indices: Uint32Array, seed: string) {
  const { height, width } = data;
  const moved = turnAndShift(gatherImages(data, indices), height, width, createGenerator(seed));
  const labels = tf.tensor1d(
    [...indices].map((i) => data.labels[i]!),
    "int32",
  );
  return {
    images: tf.tensor4d(moved, [indices.length, height, width, 1]),
    labels: tf.oneHot(labels, CLASSES) as tf.Tensor2D,
  };
}

function addTo(sums: Map<string, Float64Array>, weights: Weights): void {
  for (const [name, values] of weights) {
    const sum = sums.get(name) ?? new Float64Array(values.length);
    values.forEach((value, i) => {
      sum[i]! += value;
    });
    sums.set(name, sum);
  }
}

/** Kernels from U(-b, b) with b = sqrt(6 / fanIn), as suits ReLU (He et al. 2015); biases 0. */
function initialWeights(seed: string): Weights {
  const next = createGenerator(`${seed}/weights`);
  return new Map(
    CLASSIFIER_PLAN.flatMap(({ weights }) =>
      weights.map(({ name, shape }) => {
        const fanIn = shape.slice(0, -1).reduce((product, n) => product * n, 1);
        const bound = shape.length === 1 ? 0 : Math.sqrt(6 / fanIn);
        const length = fanIn * shape.at(-1)!;
        return [name, Float32Array.from({ length }, () => (2 * uniform(next) - 1) * bound)] as const;
      }),
    ),
  );
}
