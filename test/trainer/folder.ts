// Temporary folders and small runs for tests.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { presets } from "../../shared/presets.ts";
import { selectBackend } from "../../trainer/backend/registry.ts";
import type { TrainingConfig } from "../../trainer/config.ts";
import { loadDataset, MNIST } from "../../trainer/dataset.ts";
import { silentProgress } from "../../trainer/progress.ts";
import { train } from "../../trainer/train.ts";

/** A folder that is gone after the test, or, outside of one, after `forget()`. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const smokeConfig: TrainingConfig = {
  preset: "smoke",
  data: "mnist",
  epochs: 3,
  batchSize: 64,
  learningRate: 0.003,
  schedule: "constant",
  beta: 1,
  warmup: 0,
  dropout: 0,
  augment: false,
  binarise: false,
  priorEpochs: 2,
  priorLearningRate: 0.003,
  seed: "0",
  limit: 1000,
  spec: presets.smoke,
};

/** Trains a few hundred images; a second or less. */
export async function trainSmoke(folder: string, edit: Partial<TrainingConfig> = {}, resume = false) {
  const backend = await selectBackend("wasm");
  const images = await loadDataset(MNIST, "train");
  const config = { ...smokeConfig, ...edit };
  return train({ config, folder, backend, images, resume, progress: silentProgress });
}
