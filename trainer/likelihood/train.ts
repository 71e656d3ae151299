// Trains a likelihood model into a run folder: config.json, data.json, history.json, losses.svg and a checkpoint that is
// replaced after every epoch. Steps have a constant size, and the weights' running average is what the run ends with: so
// more epochs continue a run, at any time.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { EpochRecord, Loss } from "../../shared/release/release.ts";
import { type Adam, createAdam } from "../backend/adam.ts";
import { originOf } from "../backend/machine.ts";
import { bceWithLogits } from "../backend/ops.ts";
import { createBatch, noiseTensor } from "../data/batch.ts";
import { type Dataset, shuffled, splitTraining } from "../data/dataset.ts";
import { DivergenceError } from "../errors.ts";
import type { Variables } from "../latent/flow/network.ts";
import { loadWeights, readWeights } from "../model/vae.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../train/checkpoint.ts";
import { drawLosses } from "../train/curves.ts";
import { createSums } from "../train/loss-sums.ts";
import { type Progress, STEPS_PER_READING } from "../train/progress.ts";
import { replaceFile, replaceJson } from "../train/replace-file.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, DATA_FILE, type DataDigests } from "../train/run-folder.ts";
import type { LikelihoodConfig } from "./config.ts";
import {
  createWeights,
  decodeFeatures,
  drawPosterior,
  encode,
  localFeatures,
  pixelLogits,
} from "./network.ts";

/** Prefix of the names of averaged weights in a checkpoint. */
export const AVERAGE_PREFIX = "average/";
const VALIDATION_BATCH = 250;

export interface LikelihoodRun {
  readonly config: LikelihoodConfig;
  readonly folder: string;
  /** Name of the tfjs backend in use. */
  readonly backend: string;
  /** The training file. */
  readonly images: Dataset;
  /** Of all files of the data set. */
  readonly digests: DataDigests;
  /** Continue from the folder's checkpoint. */
  readonly resume: boolean;
  readonly progress: Progress;
}

interface Training extends Pick<LikelihoodRun, "config" | "images"> {
  readonly weights: Variables;
  readonly averages: Variables;
  readonly adam: Adam;
}

/**
 * Runs all remaining epochs.
 * @returns the history of the whole run
 * @throws RunError, DivergenceError
 */
export async function trainLikelihood(run: LikelihoodRun): Promise<readonly EpochRecord[]> {
  const { config, folder, images, progress } = run;
  const { seed, epochs, batchSize } = config;
  const split = splitTraining(images.count, seed, config.limit);
  const steps = Math.floor(split.training.length / batchSize);
  const weights = createWeights(config, seed);
  const averages = createWeights(config, seed);
  const adam = createAdam(weights);
  const training = { config, images, weights, averages, adam };
  const history: EpochRecord[] = [];
  try {
    if (run.resume) {
      const checkpoint: Checkpoint = await readCheckpoint(join(folder, CHECKPOINT_FILE));
      loadWeights(weights, checkpoint.tensors);
      loadWeights(averages, averagesOf(checkpoint));
      adam.restore(checkpoint.adamStep, checkpoint.tensors);
      history.push(...checkpoint.history);
    }
    await mkdir(folder, { recursive: true });
    await replaceJson(join(folder, CONFIG_FILE), config);
    await replaceJson(join(folder, DATA_FILE), run.digests);
    while (history.length < epochs) {
      const epoch = history.length + 1;
      const start = performance.now();
      progress.start(epoch, epochs, steps);
      const order = shuffled(split.training.length, `${seed}/order/${epoch}`).map((i) => split.training[i]!);
      const trained = await trainEpoch(training, order, epoch, steps, progress);
      const validation = await validate(training, split.validation);
      const seconds = (performance.now() - start) / 1000;
      checkFinite(config, epoch, { training: trained.total, validation: validation.total });
      history.push({ epoch, seconds, training: trained, validation });
      const tensors = await readWeights(new Map([...weights, ...adam.moments()]));
      for (const [name, values] of await readWeights(averages)) tensors.set(AVERAGE_PREFIX + name, values);
      const checkpoint = { ...originOf(run), adamStep: adam.stepsDone(), history, tensors };
      await writeCheckpoint(join(folder, CHECKPOINT_FILE), checkpoint);
      await replaceJson(join(folder, "history.json"), history);
      const curves = drawLosses((on) => history.map((record) => ({ epoch: record.epoch, ...record[on] })));
      await replaceFile(join(folder, "losses.svg"), curves);
      progress.epoch(history.at(-1)!);
    }
    return history;
  } finally {
    progress.stop();
    adam.dispose();
    tf.dispose([...weights.values(), ...averages.values()]);
  }
}

/** The weights that a run is evaluated by, by name. */
export function averagesOf({ tensors }: Pick<Checkpoint, "tensors">): Map<string, Float32Array> {
  const averaged = [...tensors].filter(([name]) => name.startsWith(AVERAGE_PREFIX));
  return new Map(averaged.map(([name, values]) => [name.slice(AVERAGE_PREFIX.length), values]));
}

async function trainEpoch(
  training: Training,
  order: Uint32Array,
  epoch: number,
  steps: number,
  progress: Progress,
): Promise<Loss> {
  const { batchSize } = training.config;
  const sums = createSums();
  for (let step = 0; step < steps; step++) {
    const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
    sums.add(tf.tidy(() => trainStep(training, indices, `${epoch}/${step}`)));
    const done = step + 1;
    if (done % STEPS_PER_READING === 0) progress.step(done, await sums.mean(done * batchSize));
  }
  return sums.mean(steps * batchSize);
}

/** @returns reconstruction and KL, summed over the batch; kept */
function trainStep(
  { config, images, weights, averages, adam }: Training,
  indices: Uint32Array,
  name: string,
): tf.Tensor1D {
  const { seed, latent, warmup, learningRate, averaging } = config;
  const { targets } = createBatch(images, indices, BINARISED, `${seed}/batch/${name}`);
  const noise = noiseTensor(indices.length, latent, `${seed}/noise/${name}`);
  const step = adam.stepsDone() + 1;
  const weight = Math.min(1, step / Math.max(1, warmup));
  let parts: tf.Tensor1D | undefined;
  const { grads } = tf.variableGrads(() => {
    const { reconstruction, kl } = boundParts(weights, targets, noise);
    parts = tf.keep(tf.stack([reconstruction, kl])) as tf.Tensor1D;
    return tf.div(tf.add(reconstruction, tf.mul(kl, weight)), indices.length);
  }, [...weights.values()]);
  adam.step(grads, learningRate);
  // Early averages would remember the initial weights.
  const decay = Math.min(averaging, step / (step + 9));
  for (const [key, average] of averages) {
    average.assign(tf.add(tf.mul(average, decay), tf.mul(weights.get(key)!, 1 - decay)));
  }
  return parts!;
}

/** The parts of the negative ELBO, summed over the batch. @param noise  [batch, latent], draws from N(0, 1) */
export function boundParts(weights: Variables, images: tf.Tensor4D, noise: tf.Tensor2D) {
  const { z, logRatio } = drawPosterior(weights, encode(weights, images), noise);
  const logits = pixelLogits(weights, decodeFeatures(weights, z), localFeatures(weights, images));
  return { reconstruction: bceWithLogits(logits, images), kl: tf.sum(logRatio) as tf.Scalar };
}

const BINARISED = { augment: false, binarise: true };

/** The negative ELBO of held-out images by the averaged weights, with the same noise in every epoch. */
async function validate({ config, images, averages }: Training, validation: Uint32Array): Promise<Loss> {
  const sums = createSums();
  for (let from = 0; from < validation.length; from += VALIDATION_BATCH) {
    const indices = validation.subarray(from, from + VALIDATION_BATCH);
    const seed = `${config.seed}/validation/${from}`;
    tf.tidy(() => {
      const { targets } = createBatch(images, indices, BINARISED, seed);
      const noise = noiseTensor(indices.length, config.latent, seed);
      const { reconstruction, kl } = boundParts(averages, targets, noise);
      sums.add(tf.keep(tf.stack([reconstruction, kl]) as tf.Tensor1D));
    });
  }
  return sums.mean(validation.length);
}

function checkFinite(
  { learningRate }: LikelihoodConfig,
  epoch: number,
  losses: Record<string, number>,
): void {
  const found = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
  if (!found) return;
  throw new DivergenceError(
    `the ${found[0]} loss of epoch ${epoch} is ${found[1]}: training diverged; start another run with a smaller ` +
      `--learning-rate than ${learningRate}`,
  );
}
