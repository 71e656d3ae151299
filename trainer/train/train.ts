// Trains one configuration into a run folder: config.json, data.json, history.json, losses.svg, epochs/*.png and a
// checkpoint that is replaced after every epoch.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { EpochRecord, Loss } from "../../shared/release/release.ts";
import { type Adam, createAdam } from "../backend/adam.ts";
import { createDeviceTrainer, type DeviceTrainer } from "../backend/webgpu/engine.ts";
import { noiseTensor, trainingBatch, validationBatch } from "../data/batch.ts";
import { type Dataset, shuffled, splitTraining } from "../data/dataset.ts";
import { DivergenceError, RunError } from "../errors.ts";
import { checkBackend } from "../latent/backends.ts";
import type { LatentKind } from "../latent/latent-kind.ts";
import { negativeElbo } from "../model/loss.ts";
import { buildVae, loadWeights, readWeights, type Vae } from "../model/vae.ts";
import { BEST_PREFIX, bestWeights, type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { meaningfulConfig, type TrainingConfig } from "./config.ts";
import { drawLosses } from "./curves.ts";
import { createSums, type LossSums } from "./loss-sums.ts";
import { drawReconstructions } from "./pictures.ts";
import type { Progress } from "./progress.ts";
import { replaceFile } from "./replace-file.ts";
import { checkResume } from "./resume.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, DATA_FILE, type DataDigests } from "./run-folder.ts";
import { bestEpoch, betaAt, isFinished, learningRateAt } from "./schedule.ts";

/** How often the running losses are read back for the progress bar; each reading waits for the device. */
const STEPS_PER_READING = 20;
/** Kingma & Ba 2015, and PyTorch's defaults. */
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/** Validation has no gradients to keep, so larger batches fit. */
const VALIDATION_BATCH = 500;

export interface TrainingRun {
  readonly config: TrainingConfig;
  /** Of its spec. */
  readonly kind: LatentKind;
  readonly folder: string;
  /** Name of the tfjs backend in use. */
  readonly backend: string;
  /** The 60,000 training images. */
  readonly images: Dataset;
  /** Of all files of the data set. */
  readonly digests: DataDigests;
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
  const { config, kind, folder, images } = run;
  checkBackend(kind, run.backend);
  if (run.resume) await checkResume(run);
  const split = splitTraining(images.count, config.seed, config.limit);
  const vae = buildVae(config.spec, config.seed, kind.createBottleneck);
  const adam = createAdam(Object.fromEntries(vae.variables), { ...ADAM, learningRate: config.learningRate });
  const history: EpochRecord[] = [];
  let device: DeviceTrainer | undefined;
  try {
    const best = new Map<string, Float32Array>();
    if (run.resume) {
      const checkpoint = await restore(run, vae, adam);
      history.push(...checkpoint.history);
      for (const [name, values] of bestWeights(checkpoint)) best.set(name, values);
    }
    if (run.backend === "webgpu") device = await openDevice(run, vae, adam, split);
    // All that can be refused has been: a run that is there already stays as it is until here.
    await mkdir(join(folder, "epochs"), { recursive: true });
    await replaceFile(
      join(folder, CONFIG_FILE),
      `${JSON.stringify(meaningfulConfig(config, kind), null, 2)}\n`,
    );
    await replaceFile(join(folder, DATA_FILE), `${JSON.stringify(run.digests, null, 2)}\n`);
    while (!isFinished(config, history)) {
      const epoch = history.length + 1;
      const start = performance.now();
      const training = device
        ? await trainEpochOnDevice(run, device, split.training, epoch)
        : await trainEpoch(run, vae, adam, split.training, epoch);
      vae.bottleneck.takeUse();
      const validation = device ? await device.validate() : await validate(run, vae, split.validation);
      const codes = vae.bottleneck.takeUse();
      const seconds = (performance.now() - start) / 1000;
      const record = { epoch, seconds, training, validation, ...(codes && { codes }) };
      checkFinite(run, epoch, "training", training.total);
      checkFinite(run, epoch, "validation", validation.total);
      // The codes of vectors that are not numbers are numbers, so the loss may look sound.
      if (codes) checkFinite(run, epoch, "commitment", codes.commitment);
      history.push(record);
      await writePictures(run, vae, split.validation, history);
      if (config.patience !== undefined && bestEpoch(config, history) === epoch) {
        for (const [name, values] of await readWeights(vae.learned)) best.set(name, values);
      }
      await writeCheckpoint(
        join(folder, CHECKPOINT_FILE),
        await takeCheckpoint(run, vae, adam, history, best),
      );
      run.progress.epoch(record);
    }
    return history;
  } finally {
    run.progress.stop();
    device?.dispose();
    adam.dispose();
    vae.dispose();
  }
}

/** One update of the weights. */
interface Step {
  /** Of its images. */
  readonly indices: Uint32Array;
  /** From 1. */
  readonly epoch: number;
  /** Within the epoch, from 0. */
  readonly step: number;
  /** Share of the run that is done before it. */
  readonly progress: number;
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
    const indices = order.subarray(from, from + config.batchSize).map((i) => training[i]!);
    const done = (epoch - 1 + step / steps) / config.epochs;
    trainStep(run, vae, adam, { indices, epoch, step, progress: done }, sums);
    if (step % STEPS_PER_READING === STEPS_PER_READING - 1 || step === steps - 1) {
      progress.step(step + 1, await sums.mean(from + indices.length));
    }
  }
  const loss = await sums.mean(training.length);
  sums.dispose();
  return loss;
}

function checkFinite({ config }: TrainingRun, epoch: number, what: string, loss: number): void {
  if (Number.isFinite(loss)) return;
  const kept = epoch > 1 ? `the checkpoint of epoch ${epoch - 1} is kept` : "there is no checkpoint yet";
  throw new DivergenceError(
    `the ${what} loss of epoch ${epoch} is ${loss}: training diverged; start another run with a smaller ` +
      `--learning-rate than ${config.learningRate} (${kept})`,
  );
}

/** On a GPU of the webgpu backend: whole epochs there, with noise of its own; see webgpu/. */
function openDevice(
  { config, images }: TrainingRun,
  vae: Vae,
  adam: Adam,
  { training, validation }: ReturnType<typeof splitTraining>,
): Promise<DeviceTrainer> {
  const counts = { trainingCount: training.length, validation, validationBatch: VALIDATION_BATCH };
  return createDeviceTrainer({ vae, adam, adamConfig: ADAM, config, images, ...counts });
}

async function trainEpochOnDevice(
  run: TrainingRun,
  device: DeviceTrainer,
  training: Uint32Array,
  epoch: number,
) {
  const { config, progress } = run;
  const order = shuffled(training.length, `${config.seed}/order/${epoch}`).map((i) => training[i]!);
  progress.start(epoch, config.epochs, Math.ceil(training.length / config.batchSize));
  return device.trainEpoch(order, epoch, (done) => progress.step(done));
}

function trainStep(
  { config, images }: TrainingRun,
  vae: Vae,
  adam: Adam,
  { indices, epoch, step, progress }: Step,
  sums: LossSums,
): void {
  const name = `${epoch}/${step}`;
  const dropout = { rate: config.dropout, seed: `${config.seed}/dropout/${name}` };
  tf.tidy(() => {
    const batch = trainingBatch(images, indices, config, `${config.seed}/batch/${name}`);
    const noise = noiseTensor(indices.length, vae.bottleneck.noiseDim, `${config.seed}/noise/${name}`);
    const { grads } = tf.variableGrads(() => {
      const parts = negativeElbo(vae, batch, noise, dropout);
      sums.add(parts);
      return tf.add(parts.reconstruction, tf.mul(parts.penalty, betaAt(config, epoch))) as tf.Scalar;
    }, [...vae.variables.values()]);
    adam.step(grads, learningRateAt(config, progress));
    vae.bottleneck.learn();
  });
}

/** The loss on held-out images, with noise that is the same in every epoch. */
async function validate({ config, images }: TrainingRun, vae: Vae, validation: Uint32Array): Promise<Loss> {
  const sums = createSums();
  for (let from = 0; from < validation.length; from += VALIDATION_BATCH) {
    const indices = validation.subarray(from, from + VALIDATION_BATCH);
    const seed = `${config.seed}/validation/${from}`;
    tf.tidy(() => {
      const batch = validationBatch(images, indices, config, seed);
      sums.add(negativeElbo(vae, batch, noiseTensor(indices.length, vae.bottleneck.noiseDim, seed)));
    });
  }
  const loss = await sums.mean(validation.length);
  sums.dispose();
  return loss;
}

async function writePictures(
  { config, kind, folder, images }: TrainingRun,
  vae: Vae,
  validation: Uint32Array,
  history: readonly EpochRecord[],
): Promise<void> {
  const name = `epochs/${String(history.length).padStart(3, "0")}`;
  const { inputs: shown } = validationBatch(
    images,
    validation.subarray(0, 16),
    config,
    `${config.seed}/shown`,
  );
  await replaceFile(join(folder, `${name}-reconstructions.png`), await drawReconstructions(vae, shown));
  shown.dispose();
  const samples = await kind.drawSamples?.(vae, config.seed);
  if (samples) await replaceFile(join(folder, `${name}-samples.png`), samples);
  await replaceFile(join(folder, "losses.svg"), drawLosses(history));
  await replaceFile(join(folder, "history.json"), `${JSON.stringify(history, null, 2)}\n`);
}

async function takeCheckpoint(
  run: TrainingRun,
  vae: Vae,
  adam: Adam,
  history: readonly EpochRecord[],
  best: ReadonlyMap<string, Float32Array>,
): Promise<Checkpoint> {
  const { step, moments } = adam.state();
  const tensors = await readWeights(new Map([...vae.learned, ...Object.entries(moments)]));
  for (const [name, values] of best) tensors.set(BEST_PREFIX + name, values);
  return { backend: run.backend, adamStep: step, history, tensors };
}

/** Puts a checkpoint's weights and moments into a model and its optimiser. */
async function restore({ folder }: TrainingRun, vae: Vae, adam: Adam): Promise<Checkpoint> {
  const path = join(folder, CHECKPOINT_FILE);
  const checkpoint = await readCheckpoint(path);
  const { adamStep, tensors } = checkpoint;
  for (const [name, { size }] of [...vae.learned, ...Object.entries(adam.state().moments)]) {
    if (tensors.get(name)?.length === size) continue;
    throw new RunError(`${path} does not fit ${CONFIG_FILE}: expected ${size} numbers of ${name}`);
  }
  loadWeights(vae.learned, tensors);
  adam.load(adamStep, tensors);
  return checkpoint;
}
