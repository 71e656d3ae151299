// The stages of a run after its first, such as that of a prior over codes. Each has a checkpoint of its own, which names
// what it was trained on, and a history.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { Weights } from "../../shared/model/weights.ts";
import { type StageEpoch, StageEpochSchema, type StageName } from "../../shared/release/release.ts";
import type { Adam } from "../backend/adam.ts";
import { originOf } from "../backend/machine.ts";
import type { Dataset } from "../data/dataset.ts";
import { DivergenceError, RunError } from "../errors.ts";
import { loadWeights, readWeights } from "../model/vae.ts";
import { flagOf } from "../options.ts";
import type { Parallel } from "../parallel/parallel.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../train/checkpoint.ts";
import type { OptionName, TrainingConfig } from "../train/config.ts";
import { openLossLog } from "../train/loss-log.ts";
import { type Progress, STEPS_PER_READING } from "../train/progress.ts";
import { resumeCommand } from "../train/run-folder.ts";

export interface Stage {
  /** As a card and messages call it. */
  readonly name: StageName;
  /** The option with its length, over which its learning rate decays, and the option with that rate. */
  readonly length: OptionName;
  readonly rate: OptionName;
  readonly epochs: (config: TrainingConfig) => number;
  /** Into which its batches are cut; one by default. */
  readonly shards?: (config: TrainingConfig) => number;
  /** Runs all epochs that are missing. */
  readonly train: (run: StageRun) => Promise<unknown>;
}

export interface StageRun {
  readonly config: TrainingConfig;
  readonly folder: string;
  readonly backend: string;
  readonly images: Dataset;
  readonly progress: Progress;
  readonly parallel: Parallel;
}

/** What a stage learns, and how. */
export interface StageTraining {
  /** All that it changes and checkpoints keep, beside the moments of its optimisers. */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  readonly optimisers: readonly Adam[];
  /** Steps of an epoch. */
  readonly steps: number;
  /**
   * One step, inside tf.tidy.
   * @param epoch  from 1
   * @param step  from 0, in this epoch
   * @returns the loss summed over so many examples
   */
  readonly step: (epoch: number, step: number) => { readonly loss: tf.Scalar; readonly examples: number };
  /** The loss of held-out examples, their mean. */
  readonly validate: () => number;
  /** Called with what an epoch's checkpoint holds, once it is written. */
  readonly onEpoch?: (epoch: number, tensors: Weights) => Promise<void>;
  readonly dispose: () => void;
}

/** Of the tensors that something was learned from, in hex digits. */
export function digestOf(tensors: Weights, names: Iterable<string> = tensors.keys()): string {
  const hash = createHash("sha256");
  for (const name of names) hash.update(tensors.get(name)!);
  return hash.digest("hex");
}

/** Epochs of the stages that have some, by the stage's name, as a card has them. */
export type StageHistories = { readonly [Name in StageName]?: StageEpoch[] };

/** The checkpoint of a stage in a run's folder. */
export function stageFile({ name }: Pick<Stage, "name">): string {
  return `${name}.bin`;
}

/** By the stage's name. */
export function epochCounts(histories: StageHistories): Record<string, number> {
  return Object.fromEntries(Object.entries(histories).map(([stage, { length }]) => [stage, length]));
}

/** @throws RunError when a checkpoint is damaged */
export async function readHistories(folder: string, stages: readonly Stage[]): Promise<StageHistories> {
  const entries = await Promise.all(
    stages
      .map((stage) => ({ stage, path: join(folder, stageFile(stage)) }))
      .filter(({ path }) => existsSync(path))
      .map(async ({ stage, path }) => [stage.name, (await readCheckpoint(path, StageEpochSchema)).history]),
  );
  return Object.fromEntries(entries);
}

/**
 * The last checkpoint of a stage.
 * @param basis  digest of what it has to be trained on
 * @throws RunError when it has no epoch, or was trained on something else
 */
export async function readStage(
  folder: string,
  stage: Stage,
  basis: string,
): Promise<Checkpoint<StageEpoch>> {
  const path = join(folder, stageFile(stage));
  if (!existsSync(path)) {
    throw new RunError(`${folder} has no ${stage.name} yet; train it by "${resumeCommand(folder)}"`);
  }
  const checkpoint = await readCheckpoint(path, StageEpochSchema);
  if (checkpoint.basis === basis) return checkpoint;
  throw new RunError(
    `${path} was trained on other weights than ${folder} has; delete it, then train it again by "${resumeCommand(folder)}"`,
  );
}

/**
 * Runs all epochs of a stage that are missing, with a checkpoint after each.
 * @param basis  digest of what it learns from
 * @param start  makes what it learns; not called when it has learned already
 * @returns its last checkpoint
 * @throws RunError when the checkpoint that is there was trained on another basis; DivergenceError
 */
export async function runStage(
  run: StageRun,
  stage: Stage,
  basis: string,
  start: () => StageTraining | Promise<StageTraining>,
): Promise<Checkpoint<StageEpoch>> {
  const { config, folder, backend, images, progress, parallel } = run;
  const path = join(folder, stageFile(stage));
  const epochs = stage.epochs(config);
  let checkpoint = existsSync(path) ? await readStage(folder, stage, basis) : undefined;
  if (checkpoint && checkpoint.history.length >= epochs) {
    await openLossLog(folder, stage.name, checkpoint.history);
    return checkpoint;
  }
  const shards = backend === "wasm" ? (stage.shards?.(config) ?? 1) : 1;
  parallel.begin(shards, { stage: stage.name, run: { config, folder, images } });
  let training: StageTraining | undefined;
  try {
    training = await start();
    const { variables, optimisers, validate, onEpoch } = training;
    if (checkpoint) restore(training, checkpoint);
    await parallel.ready();
    for (let epoch = (checkpoint?.history.length ?? 0) + 1; parallel.group.rank > 0; epoch++) {
      runSteps(training, epoch, progress);
    }
    const log = await openLossLog(folder, stage.name, checkpoint?.history ?? []);
    do {
      const done: readonly StageEpoch[] = checkpoint?.history ?? [];
      const epoch = done.length + 1;
      const began = performance.now();
      progress.start(epoch, epochs, training.steps, stage.name);
      const loss = runSteps(training, epoch, progress);
      const validation = validate();
      const record = { epoch, seconds: (performance.now() - began) / 1000, training: loss, validation };
      checkFinite(run, stage, record);
      const tensors = await readWeights(
        new Map([...variables, ...optimisers.flatMap((adam) => [...adam.moments()])]),
      );
      const steps = optimisers.map((adam) => adam.stepsDone());
      if (steps.length > 1) tensors.set(STEPS, Float32Array.from(steps));
      checkpoint = { ...originOf(run), adamStep: steps[0]!, history: [...done, record], basis, tensors };
      await writeCheckpoint(path, checkpoint);
      await onEpoch?.(epoch, tensors);
      await log(record);
      progress.epoch(record);
    } while (checkpoint.history.length < epochs);
    return checkpoint;
  } finally {
    progress.stop();
    await parallel.end();
    for (const adam of training?.optimisers ?? []) adam.dispose();
    training?.dispose();
  }
}

/** Tensor of a checkpoint: the steps of each optimiser, where there are several. */
const STEPS = "steps";

function restore({ variables, optimisers }: StageTraining, { adamStep, tensors }: Checkpoint<StageEpoch>) {
  loadWeights(variables, tensors);
  const steps = tensors.get(STEPS) ?? [adamStep];
  for (const [i, adam] of optimisers.entries()) adam.restore(steps[i]!, tensors);
}

/** The mean loss of an epoch. */
function runSteps({ step, steps }: StageTraining, epoch: number, progress: Progress): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < steps; i++) {
    sum += tf.tidy(() => {
      const { loss, examples } = step(epoch, i);
      count += examples;
      return loss.dataSync()[0]!;
    });
    if (i % STEPS_PER_READING === STEPS_PER_READING - 1) progress.step(i + 1, sum / count);
  }
  return sum / count;
}

function checkFinite({ config, folder }: StageRun, stage: Stage, record: StageEpoch): void {
  for (const what of ["training", "validation"] as const) {
    if (Number.isFinite(record[what])) continue;
    throw new DivergenceError(
      `the ${what} loss of epoch ${record.epoch} of the ${stage.name} is ${record[what]}: training diverged; delete ` +
        `${join(folder, stageFile(stage))} if it is there, and start another run with a smaller ` +
        `--${flagOf(stage.rate)} than ${config[stage.rate]}`,
    );
  }
}
