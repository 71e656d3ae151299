// Passes over the training and validation images by tfjs's own operations; webgpu/engine.ts does the same on a GPU.

import * as tf from "@tensorflow/tfjs";
import type { Loss } from "../../shared/release/release.ts";
import type { Adam } from "../backend/adam.ts";
import { createBatch, noiseTensor } from "../data/batch.ts";
import type { Dataset } from "../data/dataset.ts";
import { negativeElbo } from "../model/loss.ts";
import type { Vae } from "../model/vae.ts";
import type { TrainingConfig } from "./config.ts";
import { createSums } from "./loss-sums.ts";
import { STEPS_PER_READING } from "./progress.ts";
import { betaAt, learningRateAt } from "./schedule.ts";

/** Validation has no gradients to keep, so larger batches fit. */
export const VALIDATION_BATCH = 500;

interface Training {
  readonly vae: Vae;
  readonly adam: Adam;
  readonly config: TrainingConfig;
  readonly images: Dataset;
}

/**
 * Trains one epoch.
 * @param order  indices of its images
 * @param epoch  from 1
 * @param onSteps  called occasionally with the steps done and the mean loss so far
 * @returns the mean loss over the epoch
 */
export async function trainEpoch(
  { vae, adam, config, images }: Training,
  order: Uint32Array,
  epoch: number,
  onSteps: (done: number, loss: Loss) => void,
): Promise<Loss> {
  const { batchSize, seed } = config;
  const variables = [...vae.variables.values()];
  const steps = Math.ceil(order.length / batchSize);
  const sums = createSums();
  for (let step = 0; step < steps; step++) {
    const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
    const name = `${epoch}/${step}`;
    const dropout = { rate: config.dropout, seed: `${seed}/dropout/${name}` };
    tf.tidy(() => {
      const batch = createBatch(images, indices, config, `${seed}/batch/${name}`);
      const noise = noiseTensor(indices.length, vae.bottleneck.noiseDim, `${seed}/noise/${name}`);
      const { grads } = tf.variableGrads(() => {
        const parts = negativeElbo(vae, batch, noise, dropout);
        sums.add(parts);
        return tf.add(parts.reconstruction, tf.mul(parts.penalty, betaAt(config, epoch))) as tf.Scalar;
      }, variables);
      adam.step(grads, learningRateAt(config, (epoch - 1 + step / steps) / config.epochs));
      vae.bottleneck.afterStep?.();
    });
    const done = step + 1;
    if (done % STEPS_PER_READING === 0 || done === steps) {
      onSteps(done, await sums.mean(Math.min(order.length, done * batchSize)));
    }
  }
  return sums.mean(order.length);
}

/** The mean loss on held-out images, with noise that is the same in every epoch. */
export async function validate({ vae, config, images }: Training, validation: Uint32Array): Promise<Loss> {
  const sums = createSums();
  for (let from = 0; from < validation.length; from += VALIDATION_BATCH) {
    const indices = validation.subarray(from, from + VALIDATION_BATCH);
    const seed = `${config.seed}/validation/${from}`;
    tf.tidy(() => {
      const batch = createBatch(images, indices, { ...config, augment: false }, seed);
      sums.add(negativeElbo(vae, batch, noiseTensor(indices.length, vae.bottleneck.noiseDim, seed)));
    });
  }
  return sums.mean(validation.length);
}
