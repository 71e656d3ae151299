// A run that takes a second, for tests and for the processes that they start.

import { presets } from "../../shared/model/presets.ts";
import type { TrainingConfig } from "../../trainer/train/config.ts";

export const smokeConfig: TrainingConfig = {
  preset: "smoke",
  data: "mnist",
  epochs: 3,
  batchSize: 64,
  learningRate: 0.003,
  schedule: "constant",
  scaleRate: false,
  objective: "beta-vae",
  beta: 1,
  warmup: 0,
  freeBits: 0,
  importanceSamples: 5,
  decoderDecay: 1e-3,
  likelihood: "bernoulli",
  dropout: 0,
  augment: false,
  binarise: false,
  priorEpochs: 9,
  priorLearningRate: 0.003,
  priorDropout: 0,
  flowSteps: 12_000,
  flowLearningRate: 1e-3,
  distillationSteps: 16_000,
  distillationLearningRate: 1.5e-3,
  readerSteps: 3000,
  readerLearningRate: 0.002,
  fineTuningSteps: 5500,
  fineTuningLearningRate: 0.0004,
  seed: "0",
  limit: 1000,
  spec: presets.smoke,
};

/** Of a model with codes. */
export const codesConfig: TrainingConfig = {
  ...smokeConfig,
  preset: "vq-smoke",
  spec: presets["vq-smoke"],
  learningRate: 0.01,
  priorEpochs: 2,
  limit: 400,
  batchSize: 32,
};

/** Of a model with a flow. */
export const flowConfig: TrainingConfig = {
  ...smokeConfig,
  preset: "flow-smoke",
  spec: presets["flow-smoke"],
  beta: 0.2,
  schedule: "cosine",
  flowSteps: 80,
  flowLearningRate: 0.01,
  distillationSteps: 20,
  readerSteps: 160,
  readerLearningRate: 0.01,
  fineTuningSteps: 2,
  limit: 160,
  batchSize: 32,
};
