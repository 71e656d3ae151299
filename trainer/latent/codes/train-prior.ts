// The second stage of a model with codes: learns the prior over the codes that the finished encoder gives the training
// images. Beside the checkpoint of the first stage it writes one of its own after every epoch.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { planEncoder } from "../../../shared/model/plan.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { type StageEpoch, StageEpochSchema } from "../../../shared/release/release.ts";
import { ADAM, createAdam } from "../../backend/adam.ts";
import { shuffled, splitTraining } from "../../data/dataset.ts";
import { DivergenceError, RunError } from "../../errors.ts";
import { loadWeights, readWeights } from "../../model/vae.ts";
import { finalWeights, readCheckpoint, writeCheckpoint } from "../../train/checkpoint.ts";
import { STEPS_PER_READING } from "../../train/progress.ts";
import { replaceFile } from "../../train/replace-file.ts";
import { CHECKPOINT_FILE } from "../../train/run-folder.ts";
import { cosineDecay } from "../../train/schedule.ts";
import { type Stage, type StageRun, stageFile } from "../stages.ts";
import { CODEBOOK_TENSORS } from "./bottleneck.ts";
import { drawCodes } from "./draw.ts";
import { encodeImages } from "./encode.ts";
import { buildPrior, type CodedImages } from "./prior-network.ts";

const BETA2 = 0.99;
const VALIDATION_BATCH = 250;

export const PRIOR: Stage = { name: "prior", epochs: "priorEpochs", train: trainPrior };

/**
 * Runs all epochs of the prior that are missing, on the codes of the folder's finished first stage.
 * @returns the history of all its epochs
 * @throws RunError when the prior that is there was trained on other codes; DivergenceError
 */
export async function trainPrior(run: StageRun): Promise<readonly StageEpoch[]> {
  const { config, folder, progress } = run;
  const first = await readCheckpoint(join(folder, CHECKPOINT_FILE));
  const basis = digestOfCodes(config.spec, finalWeights(first));
  const { training, validation } = encodeSplit(run, finalWeights(first));
  const prior = buildPrior(config.spec, config.seed);
  const rate = config.priorLearningRate;
  const adam = createAdam(prior.variables, { ...ADAM, beta2: BETA2 });
  const path = join(folder, stageFile(PRIOR));
  const history: StageEpoch[] = [];
  try {
    if (existsSync(path)) {
      const {
        basis: learned,
        adamStep,
        history: done,
        tensors,
      } = await readCheckpoint(path, StageEpochSchema);
      if (learned !== basis) {
        throw new RunError(`${path} was trained on other codes than ${folder} has; delete it and resume`);
      }
      loadWeights(prior.variables, tensors);
      adam.restore(adamStep, tensors);
      history.push(...done);
    }
    while (history.length < config.priorEpochs) {
      const epoch = history.length + 1;
      const start = performance.now();
      const order = shuffled(training.labels.length, `${config.seed}/prior/order/${epoch}`);
      const steps = Math.ceil(order.length / config.batchSize);
      progress.start(epoch, config.priorEpochs, steps);
      let [sum, count] = [0, 0];
      for (let step = 0; step < steps; step++) {
        const batch = pick(training, order.subarray(step * config.batchSize, (step + 1) * config.batchSize));
        const dropout = { rate: config.priorDropout, seed: `${config.seed}/prior/dropout/${epoch}/${step}` };
        const done = (epoch - 1 + step / steps) / config.priorEpochs;
        sum += tf.tidy(() => {
          const { value, grads } = tf.variableGrads(
            () => prior.loss(batch, dropout),
            [...prior.variables.values()],
          );
          adam.step(grads, rate * cosineDecay(done));
          return value.dataSync()[0]!;
        });
        count += batch.labels.length;
        if (step % STEPS_PER_READING === STEPS_PER_READING - 1) progress.step(step + 1, lossOf(sum / count));
      }
      const record = {
        epoch,
        seconds: (performance.now() - start) / 1000,
        training: sum / count,
        validation: meanLoss(prior.loss, validation),
      };
      for (const [what, loss] of [
        ["training", record.training],
        ["validation", record.validation],
      ] as const) {
        if (Number.isFinite(loss)) continue;
        throw new DivergenceError(
          `the prior's ${what} loss of epoch ${epoch} is ${loss}: training diverged; delete ${path} if it is there, and ` +
            `start another run with a smaller --prior-learning-rate than ${rate}`,
        );
      }
      history.push(record);
      const tensors = await readWeights(new Map([...prior.variables, ...adam.moments]));
      const adamStep = adam.stepsDone();
      await writeCheckpoint(path, { backend: run.backend, adamStep, history, basis, tensors });
      const picture = `epochs/prior-${String(epoch).padStart(3, "0")}-samples.png`;
      await replaceFile(join(folder, picture), drawCodes(config, finalWeights(first), tensors));
      progress.epoch({ ...record, training: lossOf(record.training), validation: lossOf(record.validation) });
    }
    return history;
  } finally {
    progress.stop();
    adam.dispose();
    prior.dispose();
  }
}

/** Of the weights that decide which codes images have: a prior is of use with these alone. */
export function digestOfCodes(spec: ModelSpec, tensors: Weights): string {
  const names = planEncoder(spec).flatMap(({ weights }) => weights.map(({ name }) => name));
  const hash = createHash("sha256");
  for (const name of [...names, CODEBOOK_TENSORS.embeddings]) hash.update(tensors.get(name)!);
  return hash.digest("hex");
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

/** As the progress bar wants it: the prior's loss is the whole KL of the model. */
function lossOf(kl: number) {
  return { reconstruction: 0, kl, total: kl };
}
