// Passes over the training and validation images by tfjs's own operations; webgpu/engine.ts does the same on a GPU.

import * as tf from "@tensorflow/tfjs";
import type { Loss } from "../../shared/release/release.ts";
import type { Adam } from "../backend/adam.ts";
import { createBatch, noiseTensor } from "../data/batch.ts";
import type { Dataset } from "../data/dataset.ts";
import { runStack } from "../model/dropout.ts";
import { likelihoodOf } from "../model/likelihood.ts";
import { openStep } from "../model/step.ts";
import type { Vae } from "../model/vae.ts";
import { objectiveOf } from "../objectives/objectives.ts";
import { negativeElbo } from "../objectives/vae.ts";
import { descend } from "../parallel/descend.ts";
import { gatherShards } from "../parallel/gather.ts";
import type { Parallel } from "../parallel/parallel.ts";
import { cutBatch, type Shard } from "../parallel/shards.ts";
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
  /** Images trained on. */
  readonly trainingCount: number;
  readonly parallel: Pick<Parallel, "group" | "shards">;
}

/**
 * Trains one epoch.
 * @param order  indices of its images
 * @param epoch  from 1
 * @param onSteps  called occasionally with the steps done and the mean loss so far
 * @returns the mean loss over the epoch
 */
export async function trainEpoch(
  training: Training,
  order: Uint32Array,
  epoch: number,
  onSteps: (done: number, loss: Loss) => void,
): Promise<Loss> {
  const { config } = training;
  const { batchSize } = config;
  const steps = Math.ceil(order.length / batchSize);
  const sums = createSums();
  if (epoch === 1) startBottleneck(training, order.subarray(0, batchSize));
  for (let step = 0; step < steps; step++) {
    const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
    const epochsDone = epoch - 1 + step / steps;
    const rates = {
      beta: betaAt(config, epochsDone),
      learningRate: learningRateAt(config, epochsDone / config.epochs),
    };
    sums.add(tf.tidy(() => trainStep(training, indices, `${epoch}/${step}`, rates)));
    const done = step + 1;
    if (done % STEPS_PER_READING === 0 || done === steps) {
      onSteps(done, await sums.mean(Math.min(order.length, done * batchSize)));
    }
  }
  return sums.mean(order.length);
}

function startBottleneck({ vae, config, images }: Training, indices: Uint32Array): void {
  tf.tidy(() => {
    const { inputs } = createBatch(images, indices, config, `${config.seed}/batch/1/0`);
    vae.bottleneck.start?.(runStack(vae.encoder, inputs) as tf.Tensor2D);
  });
}

/** @returns reconstruction and KL, summed over the batch; kept */
function trainStep(
  { vae, adam, config, images, trainingCount, parallel }: Training,
  indices: Uint32Array,
  name: string,
  { beta, learningRate }: { readonly beta: number; readonly learningRate: number },
): tf.Tensor1D {
  const { seed, dropout: rate } = config;
  const { bottleneck } = vae;
  const objective = objectiveOf(config);
  const likelihood = likelihoodOf(config);
  const draws = objective.draws?.(config) ?? 1;
  const shards = cutBatch(indices.length, parallel.shards);
  const seen = new Map<Shard, Float32Array>();
  const { reported } = descend(parallel, shards, [{ adam, learningRate }], (shard) => {
    const own = indices.subarray(shard.from, shard.to);
    const batch = createBatch(images, own, config, shard.seed(`${seed}/batch/${name}`));
    const noise = noiseTensor(draws * own.length, bottleneck.noiseDim, shard.seed(`${seed}/noise/${name}`));
    return () => {
      const dropout = { rate, seed: shard.seed(`${seed}/dropout/${name}`) };
      const { loss, reconstruction, kl } = objective.loss(
        openStep(vae, batch, noise, { options: config, beta, trainingCount, likelihood }, dropout),
      );
      if (bottleneck.drainSeen) seen.set(shard, bottleneck.drainSeen());
      return { loss, reported: tf.stack([reconstruction, kl]) as tf.Tensor1D };
    };
  });
  const { afterStep, seenPerImage = 0 } = bottleneck;
  afterStep?.(gatherShards(parallel.group, shards, seenPerImage, (shard) => seen.get(shard)!));
  return reported!;
}

/** The mean loss on held-out images, with noise that is the same in every epoch. */
export async function validate(
  { vae, config, images, trainingCount }: Omit<Training, "parallel">,
  validation: Uint32Array,
): Promise<Loss> {
  const sums = createSums();
  const likelihood = likelihoodOf(config);
  const report = objectiveOf(config).validate ?? negativeElbo;
  for (let from = 0; from < validation.length; from += VALIDATION_BATCH) {
    const indices = validation.subarray(from, from + VALIDATION_BATCH);
    const seed = `${config.seed}/validation/${from}`;
    tf.tidy(() => {
      const batch = createBatch(images, indices, { ...config, augment: false }, seed);
      const noise = noiseTensor(indices.length, vae.bottleneck.noiseDim, seed);
      const { reconstruction, kl } = report(
        openStep(vae, batch, noise, { options: config, beta: 1, trainingCount, likelihood }),
      );
      sums.add(tf.keep(tf.stack([reconstruction, kl]) as tf.Tensor1D));
    });
  }
  return sums.mean(validation.length);
}
