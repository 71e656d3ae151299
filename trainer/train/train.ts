// Trains one configuration into a run folder: config.json, data.json, history.json, losses.jsonl, losses.svg, epochs/*.png
// and a checkpoint that is replaced after every epoch.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { EpochRecord } from "../../shared/release/release.ts";
import { type Adam, createAdam } from "../backend/adam.ts";
import { originOf } from "../backend/machine.ts";
import { createDeviceTrainer, type DeviceTrainer } from "../backend/webgpu/engine.ts";
import { createBatch } from "../data/batch.ts";
import { type Dataset, shuffled, splitTraining } from "../data/dataset.ts";
import { DivergenceError, RunError } from "../errors.ts";
import { checkBackend, trainedBy } from "../latent/backends.ts";
import type { LatentKind } from "../latent/latent-kind.ts";
import { buildVae, loadWeights, readWeights, type Vae } from "../model/vae.ts";
import { objectiveOf } from "../objectives/objectives.ts";
import type { Parallel } from "../parallel/parallel.ts";
import { multiplyAdds, shardsOf } from "../parallel/shards.ts";
import { BEST_PREFIX, bestWeights, type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { meaningfulConfig, type TrainingConfig } from "./config.ts";
import { drawLosses } from "./curves.ts";
import { trainEpoch, VALIDATION_BATCH, validate } from "./epochs.ts";
import { FIRST_STAGE, openLossLog } from "./loss-log.ts";
import { drawReconstructions } from "./pictures.ts";
import type { Progress } from "./progress.ts";
import { replaceFile, replaceJson } from "./replace-file.ts";
import { checkResume } from "./resume.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, DATA_FILE, type DataDigests } from "./run-folder.ts";
import { bestEpoch, isFinished } from "./schedule.ts";

export interface TrainingRun {
  readonly config: TrainingConfig;
  /** Of its spec. */
  readonly kind: LatentKind;
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
  readonly parallel: Parallel;
}

/**
 * Runs all remaining epochs.
 * @returns the history of the whole run
 * @throws RunError, DivergenceError
 */
export async function train(run: TrainingRun): Promise<readonly EpochRecord[]> {
  const { config, kind, folder, images, progress, parallel, digests, resume } = run;
  checkBackend(trainedBy(kind, config), run.backend);
  if (resume) await checkResume(run);
  const shards = run.backend === "wasm" ? shardsOf(config.batchSize, multiplyAdds(config.spec)) : 1;
  parallel.begin(shards, { run: { config, folder, images, digests, resume } });
  const split = splitTraining(images.count, config.seed, config.limit);
  const steps = Math.ceil(split.training.length / config.batchSize);
  const vae = buildVae(config.spec, config.seed, kind.createBottleneck);
  const adam = createAdam(vae.variables);
  objectiveOf(config).prepare?.(vae);
  const training = { vae, adam, config, images, parallel, trainingCount: split.training.length };
  const orderOf = (epoch: number) =>
    shuffled(split.training.length, `${config.seed}/order/${epoch}`).map((i) => split.training[i]!);
  const history: EpochRecord[] = [];
  let device: DeviceTrainer | undefined;
  try {
    const best = new Map<string, Float32Array>();
    if (resume) {
      const checkpoint = await restore(run, vae, adam);
      history.push(...checkpoint.history);
      for (const [name, values] of bestWeights(checkpoint)) best.set(name, values);
    }
    if (run.backend === "webgpu") {
      device = await createDeviceTrainer({
        ...training,
        validation: split.validation,
        validationBatch: VALIDATION_BATCH,
      });
    }
    await parallel.ready();
    for (let epoch = history.length + 1; parallel.group.rank > 0; epoch++) {
      await trainEpoch(training, orderOf(epoch), epoch, () => {});
    }
    // All checks have passed: up to here an existing run is not modified.
    await mkdir(join(folder, "epochs"), { recursive: true });
    await replaceJson(join(folder, CONFIG_FILE), meaningfulConfig(config, kind));
    await replaceJson(join(folder, DATA_FILE), run.digests);
    const log = await openLossLog(folder, FIRST_STAGE, history);
    while (!isFinished(config, history)) {
      const epoch = history.length + 1;
      const start = performance.now();
      const order = orderOf(epoch);
      progress.start(epoch, config.epochs, steps);
      const trained = device
        ? await device.trainEpoch(order, epoch, (done) => progress.step(done))
        : await trainEpoch(training, order, epoch, progress.step);
      // What the bottleneck records is of the validation images alone.
      vae.bottleneck.drainRecord?.();
      const validation = device ? await device.validate() : await validate(training, split.validation);
      const own = vae.bottleneck.drainRecord?.();
      const seconds = (performance.now() - start) / 1000;
      const losses = { training: trained.total, validation: validation.total };
      // Vectors that are NaN still have codes that are numbers: the losses may look sound, but not the commitment.
      for (const numbers of [losses, ...Object.values(own ?? {})]) checkFinite(run, epoch, numbers ?? {});
      const record = { epoch, seconds, training: trained, validation, ...own };
      history.push(record);
      await writePictures(run, vae, split.validation, history);
      if (config.patience !== undefined && bestEpoch(config, history) === epoch) {
        for (const [name, values] of await readWeights(vae.learned)) best.set(name, values);
      }
      await writeCheckpoint(
        join(folder, CHECKPOINT_FILE),
        await takeCheckpoint(run, vae, adam, history, best),
      );
      await log(record);
      progress.epoch(record);
    }
    return history;
  } finally {
    progress.stop();
    await parallel.end();
    device?.dispose();
    adam.dispose();
    vae.dispose();
  }
}

function checkFinite(
  { config }: TrainingRun,
  epoch: number,
  numbers: Readonly<Record<string, number>>,
): void {
  const found = Object.entries(numbers).find(([, value]) => !Number.isFinite(value));
  if (!found) return;
  const kept = epoch > 1 ? `the checkpoint of epoch ${epoch - 1} is kept` : "there is no checkpoint yet";
  throw new DivergenceError(
    `the ${found[0]} loss of epoch ${epoch} is ${found[1]}: training diverged; start another run with a smaller ` +
      `--learning-rate than ${config.learningRate} (${kept})`,
  );
}

async function writePictures(
  { config, kind, folder, images }: TrainingRun,
  vae: Vae,
  validation: Uint32Array,
  history: readonly EpochRecord[],
): Promise<void> {
  const name = `epochs/${String(history.length).padStart(3, "0")}`;
  const first = validation.subarray(0, 16);
  const seen = { ...config, augment: false };
  const { inputs, digits } = createBatch(images, first, seen, `${config.seed}/shown`);
  await replaceFile(
    join(folder, `${name}-reconstructions.png`),
    await drawReconstructions(vae, { inputs, digits }),
  );
  inputs.dispose();
  const samples = await kind.drawSamples?.(vae, config.seed);
  if (samples) await replaceFile(join(folder, `${name}-samples.png`), samples);
  await replaceFile(
    join(folder, "losses.svg"),
    drawLosses((on) => kind.lossesOn(on, history)),
  );
  await replaceJson(join(folder, "history.json"), history);
}

async function takeCheckpoint(
  run: TrainingRun,
  vae: Vae,
  adam: Adam,
  history: readonly EpochRecord[],
  best: ReadonlyMap<string, Float32Array>,
): Promise<Checkpoint> {
  const tensors = await readWeights(new Map([...vae.learned, ...adam.moments()]));
  for (const [name, values] of best) tensors.set(BEST_PREFIX + name, values);
  return { ...originOf(run), adamStep: adam.stepsDone(), history, tensors };
}

/** Loads a checkpoint's weights and moments into a model and its optimiser. */
async function restore({ folder }: TrainingRun, vae: Vae, adam: Adam): Promise<Checkpoint> {
  const path = join(folder, CHECKPOINT_FILE);
  const checkpoint = await readCheckpoint(path);
  const { adamStep, tensors } = checkpoint;
  for (const [name, { size }] of [...vae.learned, ...adam.moments()]) {
    if (tensors.get(name)?.length === size) continue;
    throw new RunError(`${path} does not fit ${CONFIG_FILE}: expected ${size} numbers of ${name}`);
  }
  loadWeights(vae.learned, tensors);
  adam.restore(adamStep, tensors);
  return checkpoint;
}
