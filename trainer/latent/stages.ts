// The stages of a run after its first, such as that of a prior over codes. Each has a checkpoint of its own, which names
// what it was trained on, and a history.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type StageEpoch, StageEpochSchema } from "../../shared/release/release.ts";
import type { Dataset } from "../data/dataset.ts";
import { readCheckpoint } from "../train/checkpoint.ts";
import type { OptionName, TrainingConfig } from "../train/config.ts";
import type { Progress } from "../train/progress.ts";

export interface Stage {
  /** As a card and messages call it. */
  readonly name: keyof StageHistories;
  /** The option with the number of its epochs, over which its learning rate decays to 0. */
  readonly epochs: OptionName & `${string}Epochs`;
  /** Runs all epochs that are missing. */
  readonly train: (run: StageRun) => Promise<unknown>;
}

export interface StageRun {
  readonly config: TrainingConfig;
  readonly folder: string;
  readonly backend: string;
  readonly images: Dataset;
  readonly progress: Progress;
}

/** Epochs of the stages that have some, by the stage's name, as a card has them. */
export interface StageHistories {
  readonly prior?: StageEpoch[];
}

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
