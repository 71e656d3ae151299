// The second stage of a model with codes: learns the prior over the codes that the finished encoder gives the training
// images. Beside the checkpoint of the first stage it writes one of its own after every epoch.

import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import { planEncoder } from "../../../shared/model/plan.ts";
import { type ModelSpec, size } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import type { StageEpoch } from "../../../shared/release/release.ts";
import { ADAM, createAdam } from "../../backend/adam.ts";
import { shuffled, splitTraining } from "../../data/dataset.ts";
import { descend } from "../../parallel/descend.ts";
import { cutBatch, shardsOf } from "../../parallel/shards.ts";
import { finalWeights, readCheckpoint } from "../../train/checkpoint.ts";
import { replaceFile } from "../../train/replace-file.ts";
import { CHECKPOINT_FILE } from "../../train/run-folder.ts";
import { cosineDecay } from "../../train/schedule.ts";
import { digestOf, runStage, type Stage, type StageRun, type StageTraining } from "../stages.ts";
import { CODEBOOK_TENSORS } from "./bottleneck.ts";
import { drawCodes } from "./draw.ts";
import { encodeImages } from "./encode.ts";
import { buildPrior, type CodedImages } from "./prior-network.ts";

const BETA2 = 0.99;
const VALIDATION_BATCH = 250;

export const PRIOR: Stage = {
  name: "prior",
  length: "priorEpochs",
  rate: "priorLearningRate",
  epochs: ({ priorEpochs }) => priorEpochs,
  shards: ({ batchSize, spec }) => shardsOf(batchSize, priorWork(spec)),
  train: trainPrior,
};

/**
 * Runs all epochs of the prior that are missing, on the codes of the folder's finished first stage.
 * @returns the history of all its epochs
 * @throws RunError when the prior that is there was trained on other weights; DivergenceError
 */
export async function trainPrior(run: StageRun): Promise<readonly StageEpoch[]> {
  const { config, folder } = run;
  const first = finalWeights(await readCheckpoint(join(folder, CHECKPOINT_FILE)));
  const { history } = await runStage(run, PRIOR, digestOfCodes(config.spec, first), () =>
    startPrior(run, first),
  );
  return history;
}

/** Multiply-adds of an image's codes. */
function priorWork(spec: ModelSpec): number {
  const { rows, columns, layers } = planPrior(spec);
  const weights = layers.flatMap(({ kernel, mix }) => [size(kernel.shape), size(mix.shape)]);
  return rows * columns * weights.reduce((sum, count) => sum + count, 0);
}

function startPrior(run: StageRun, first: Weights): StageTraining {
  const { config, folder, parallel } = run;
  const { batchSize, priorDropout, priorEpochs, priorLearningRate, seed, spec } = config;
  const { training, validation } = encodeSplit(run, first);
  const prior = buildPrior(spec, seed);
  const adam = createAdam(prior.variables, { ...ADAM, beta2: BETA2 });
  const steps = Math.ceil(training.labels.length / batchSize);
  const orderOf = (epoch: number) => shuffled(training.labels.length, `${seed}/prior/order/${epoch}`);
  let order = orderOf(1);
  return {
    variables: prior.variables,
    optimisers: [adam],
    steps,
    step: (epoch, step) => {
      if (step === 0) order = orderOf(epoch);
      const indices = order.subarray(step * batchSize, (step + 1) * batchSize);
      const shards = cutBatch(indices.length, parallel.shards);
      const done = (epoch - 1 + step / steps) / priorEpochs;
      const optimiser = { adam, learningRate: priorLearningRate * cosineDecay(done) };
      const { loss } = descend(parallel, shards, [optimiser], (shard) => {
        const batch = pick(training, indices.subarray(shard.from, shard.to));
        const dropout = { rate: priorDropout, seed: shard.seed(`${seed}/prior/dropout/${epoch}/${step}`) };
        return () => ({ loss: prior.loss(batch, dropout) });
      });
      return { loss, examples: indices.length };
    },
    validate: () => meanLoss(prior.loss, validation),
    onEpoch: async (epoch, tensors) => {
      const picture = `epochs/prior-${String(epoch).padStart(3, "0")}-samples.png`;
      await replaceFile(join(folder, picture), drawCodes(config, first, tensors));
    },
    dispose: prior.dispose,
  };
}

/** Of the weights that decide which codes images have: a prior is of use with these alone. */
export function digestOfCodes(spec: ModelSpec, tensors: Weights): string {
  const names = planEncoder(spec).flatMap(({ weights }) => weights.map(({ name }) => name));
  return digestOf(tensors, [...names, CODEBOOK_TENSORS.embeddings]);
}

/** The codes of the training and the validation images. */
function encodeSplit({ config, images }: StageRun, tensors: Weights) {
  const split = splitTraining(images.count, config.seed, config.limit);
  const encode = (indices: Uint32Array) =>
    encodeImages(config.spec, tensors, tensors.get(CODEBOOK_TENSORS.embeddings)!, images, indices);
  return { training: encode(split.training), validation: encode(split.validation) };
}

/** Nats per image. */
function meanLoss(loss: (batch: CodedImages) => tf.Scalar, coded: CodedImages): number {
  const count = coded.labels.length;
  let sum = 0;
  for (let from = 0; from < count; from += VALIDATION_BATCH) {
    const to = Math.min(count, from + VALIDATION_BATCH);
    const indices = Uint32Array.from({ length: to - from }, (_, i) => from + i);
    sum += tf.tidy(() => loss(pick(coded, indices)).dataSync()[0]!);
  }
  return sum / count;
}

function pick({ codes, labels }: CodedImages, indices: Uint32Array): CodedImages {
  const cells = codes.length / labels.length;
  const chosen = new Uint16Array(indices.length * cells);
  for (const [i, index] of indices.entries()) {
    chosen.set(codes.subarray(index * cells, (index + 1) * cells), i * cells);
  }
  return { codes: chosen, labels: Uint8Array.from(indices, (index) => labels[index]!) };
}
