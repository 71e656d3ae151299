// Trains one configuration into a run folder: config.json, history.json, losses.svg, epochs/*.png and a
// checkpoint that is replaced after every epoch.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { createGenerator, sampleNormal } from "../shared/random.ts";
import type { EpochRecord, Loss } from "../shared/release.ts";
import { type Adam, createAdam } from "./backend/adam.ts";
import { type Checkpoint, readCheckpoint, replaceFile, writeCheckpoint } from "./checkpoint.ts";
import type { TrainingConfig } from "./config.ts";
import { type Dataset, gatherImages, shuffled, splitTraining } from "./dataset.ts";
import { DivergenceError, RunError } from "./errors.ts";
import { type ElboParts, negativeElbo } from "./loss.ts";
import type { Progress } from "./progress.ts";
import { drawLosses } from "./report/curves.ts";
import { drawReconstructions, drawSamples } from "./report/pictures.ts";
import { buildVae, loadWeights, readWeights, type Vae } from "./vae.ts";

export const CHECKPOINT_FILE = "checkpoint.bin";
export const CONFIG_FILE = "config.json";

/** How often the running losses are read back for the progress bar; each reading waits for the device. */
const STEPS_PER_READING = 20;
/** Kingma & Ba 2015, and PyTorch's defaults. */
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/** Validation has no gradients to keep, so larger batches fit. */
const VALIDATION_BATCH = 500;

export interface TrainingRun {
  readonly config: TrainingConfig;
  readonly folder: string;
  /** Name of the tfjs backend in use. */
  readonly backend: string;
  /** The 60,000 training images. */
  readonly images: Dataset;
  /** Continue from the folder's checkpoint. */
  readonly resume: boolean;
  readonly progress: Progress;
}

/**
 * Runs all epochs that are missing.
 * @returns the history of the whole run
 * @throws RunError, DivergenceError
 */
export async function train(run: TrainingRun): Promise<readonly EpochRecord[]> {
  const { config, folder, images } = run;
  await mkdir(join(folder, "epochs"), { recursive: true });
  await replaceFile(join(folder, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
  const split = splitTraining(images.count, config.seed, config.limit);
  const vae = buildVae(config.spec, config.seed);
  const adam = createAdam(Object.fromEntries(vae.variables), { ...ADAM, learningRate: config.learningRate });
  const history: EpochRecord[] = [];
  try {
    if (run.resume) history.push(...(await restore(run, vae, adam)));
    for (let epoch = history.length + 1; epoch <= config.epochs; epoch++) {
      const start = performance.now();
      const training = await trainEpoch(run, vae, adam, split.training, epoch);
      const validation = await validate(run, vae, split.validation);
      const seconds = (performance.now() - start) / 1000;
      const record = { epoch, seconds, training, validation };
      history.push(record);
      await writePictures(run, vae, split.validation, history);
      await writeCheckpoint(join(folder, CHECKPOINT_FILE), await takeCheckpoint(run, vae, adam, history));
      run.progress.epoch(record);
    }
    return history;
  } finally {
    run.progress.stop();
    adam.dispose();
    vae.dispose();
  }
}

/** One pass over the training images in an order of its own. Returns the mean loss over the pass. */
async function trainEpoch(run: TrainingRun, vae: Vae, adam: Adam, training: Uint32Array, epoch: number) {
  const { config, progress } = run;
  const order = shuffled(training.length, `${config.seed}/order/${epoch}`);
  const steps = Math.ceil(training.length / config.batchSize);
  const sums = createSums();
  progress.start(epoch, config.epochs, steps);
  for (let step = 0; step < steps; step++) {
    const from = step * config.batchSize;
    const batch = order.subarray(from, from + config.batchSize).map((i) => training[i]!);
    trainStep(run, vae, adam, batch, `${config.seed}/noise/${epoch}/${step}`, sums);
    if (step % STEPS_PER_READING === STEPS_PER_READING - 1 || step === steps - 1) {
      progress.step(step + 1, await sums.mean(from + batch.length));
    }
  }
  const loss = await sums.mean(training.length);
  sums.dispose();
  if (!Number.isFinite(loss.total)) {
    throw new DivergenceError(
      `the loss of epoch ${epoch} is ${loss.total}: training diverged; ` +
        `try a smaller --learning-rate than ${config.learningRate}. The checkpoint before it is kept.`,
    );
  }
  return loss;
}

function trainStep(
  { config, images }: TrainingRun,
  vae: Vae,
  adam: Adam,
  batch: Uint32Array,
  noiseSeed: string,
  sums: LossSums,
): void {
  tf.tidy(() => {
    const x = imageTensor(images, batch);
    const noise = noiseTensor(batch.length, config.spec.latentDim, noiseSeed);
    const { grads } = tf.variableGrads(() => {
      const parts = negativeElbo(vae, x, noise);
      sums.add(parts);
      return tf.add(parts.reconstruction, parts.kl) as tf.Scalar;
    }, [...vae.variables.values()]);
    adam.step(grads);
  });
}

/** The loss on held-out images, with noise that is the same in every epoch. */
async function validate({ config, images }: TrainingRun, vae: Vae, validation: Uint32Array): Promise<Loss> {
  const sums = createSums();
  for (let from = 0; from < validation.length; from += VALIDATION_BATCH) {
    const batch = validation.subarray(from, from + VALIDATION_BATCH);
    tf.tidy(() => {
      const x = imageTensor(images, batch);
      const noise = noiseTensor(batch.length, config.spec.latentDim, `${config.seed}/validation/${from}`);
      sums.add(negativeElbo(vae, x, noise));
    });
  }
  const loss = await sums.mean(validation.length);
  sums.dispose();
  return loss;
}

/** Sums both parts of the loss on the device, so that no step waits for a reading. */
interface LossSums {
  readonly add: (parts: ElboParts) => void;
  /** Nats per image over `count` images. */
  readonly mean: (count: number) => Promise<Loss>;
  readonly dispose: () => void;
}

function createSums(): LossSums {
  // Read into float64 at every reading: a float32 sum over an epoch would lose digits.
  const done = { reconstruction: 0, kl: 0 };
  let pending: tf.Tensor1D[] = [];
  const drain = async () => {
    const taken = pending;
    pending = [];
    for (const tensor of taken) {
      const [reconstruction, kl] = await tensor.data();
      done.reconstruction += reconstruction!;
      done.kl += kl!;
      tensor.dispose();
    }
  };
  return {
    add: ({ reconstruction, kl }) => {
      pending.push(tf.keep(tf.tidy(() => tf.stack([reconstruction, kl]) as tf.Tensor1D)));
    },
    mean: async (count) => {
      await drain();
      const [reconstruction, kl] = [done.reconstruction / count, done.kl / count];
      return { reconstruction, kl, total: reconstruction + kl };
    },
    dispose: () => {
      tf.dispose(pending);
    },
  };
}

async function writePictures(
  { config, folder, images }: TrainingRun,
  vae: Vae,
  validation: Uint32Array,
  history: readonly EpochRecord[],
): Promise<void> {
  const name = `epochs/${String(history.length).padStart(3, "0")}`;
  const shown = imageTensor(images, validation.subarray(0, 16));
  await replaceFile(join(folder, `${name}-reconstructions.png`), await drawReconstructions(vae, shown));
  shown.dispose();
  await replaceFile(join(folder, `${name}-samples.png`), await drawSamples(vae, config.seed));
  await replaceFile(join(folder, "losses.svg"), drawLosses(history));
  await replaceFile(join(folder, "history.json"), `${JSON.stringify(history, null, 2)}\n`);
}

async function takeCheckpoint(
  run: TrainingRun,
  vae: Vae,
  adam: Adam,
  history: readonly EpochRecord[],
): Promise<Checkpoint> {
  const { step, moments } = adam.state();
  const tensors = await readWeights(new Map([...vae.variables, ...Object.entries(moments)]));
  return { backend: run.backend, adamStep: step, history, tensors };
}

async function restore(run: TrainingRun, vae: Vae, adam: Adam): Promise<readonly EpochRecord[]> {
  const { backend, adamStep, history, tensors } = await readCheckpoint(join(run.folder, CHECKPOINT_FILE));
  if (backend !== run.backend) {
    throw new RunError(
      `${run.folder} was computed by the ${backend} backend, this one is ${run.backend}; ` +
        `resume with --backend ${backend}`,
    );
  }
  loadWeights(vae.variables, tensors);
  tf.tidy(() => {
    const moments = Object.entries(adam.state().moments).map(
      ([name, { shape }]) => [name, tf.tensor(tensors.get(name)!, shape)] as const,
    );
    adam.restore({ step: adamStep, moments: Object.fromEntries(moments) });
  });
  return history;
}

function imageTensor(images: Dataset, indices: Uint32Array): tf.Tensor4D {
  return tf.tensor4d(gatherImages(images, indices), [indices.length, images.height, images.width, 1]);
}

function noiseTensor(count: number, latentDim: number, seed: string): tf.Tensor2D {
  const noise = sampleNormal(createGenerator(seed), new Float32Array(count * latentDim));
  return tf.tensor2d(noise, [count, latentDim]);
}
