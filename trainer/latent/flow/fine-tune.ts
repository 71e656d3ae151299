// The last stage: student and decoder become one generator, trained against critics (VAE-GAN: Larsen et al. 2016,
// https://arxiv.org/abs/1512.09300). The encoder stays as it is.

import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { createGenerator } from "../../../shared/arithmetic/random.ts";
import { drawGrain } from "../../../shared/decoder/noise.ts";
import { encodePng } from "../../../shared/image/png.ts";
import { tileImages } from "../../../shared/image/sheet.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { createAdam } from "../../backend/adam.ts";
import { frechetDistance, momentsOf } from "../../evaluate/frechet.ts";
import { descend } from "../../parallel/descend.ts";
import { cutBatch, type Shard } from "../../parallel/shards.ts";
import { toImages } from "../../train/pictures.ts";
import { replaceFile } from "../../train/replace-file.ts";
import { digestOf, readStage, runStage, type StageRun, type StageTraining } from "../stages.ts";
import { createCritics } from "./critics.ts";
import { readStudent } from "./distil.ts";
import { imageTensor, trainFeatureNetwork, VECTOR_SIZE } from "./feature-network.ts";
import { BATCH, type Batch, createLosses } from "./fine-tuning-loss.ts";
import { createImageGenerator, untunedWeights } from "./generator.ts";
import { variablesFrom, weightsOf } from "./network.ts";
import { normal, readPosteriors } from "./posteriors.ts";
import { averagesOf, createAverage, flowStage, lengthOf, planOf, readFirst } from "./stage.ts";

/** No momentum, as in most adversarial training. */
const ADAM = { beta1: 0, beta2: 0.99, epsilon: 1e-8 };
/** Steps in which the critics learn alone: a share of all, at most so many. */
const CRITICS_FIRST = { share: 0.02, most: 150 };
/** Learning rates, as multiples: a student that learns as fast as the decoder loses variety. */
const [CRITIC_RATE, STUDENT_RATE] = [2, 0.1];
/** After it the learning rates stay. Where they fall, networks soon tell drawn digits from real ones (docs/log.md). */
const WARMUP_STEPS = 100;
/** As many as BATCH has of the groups that critics compare. */
const SHARDS = 4;
const AVERAGE_DECAY = 0.999;
/** Validation images, at most, that drawn ones are compared with. */
const VALIDATED = 2000;
const VALIDATION_BATCH = 200;
const SAMPLE_ROWS = 8;

export const FINE_TUNING = flowStage(
  "fine-tuning",
  "fineTuningSteps",
  "fineTuningLearningRate",
  fineTune,
  SHARDS,
);

/**
 * The weights of flow and decoder that a run ends with.
 * @param first  weights of its first stage
 * @throws RunError
 */
export async function readTuned(folder: string, spec: ModelSpec, first: Weights): Promise<Weights> {
  const student = await readStudent(folder, spec, first);
  return averagesOf(await readStage(folder, FINE_TUNING, digestOf(student)));
}

async function fineTune(run: StageRun): Promise<void> {
  const first = await readFirst(run.folder);
  const student = await readStudent(run.folder, run.config.spec, first);
  await runStage(run, FINE_TUNING, digestOf(student), () => startTuning(run, first, student));
}

function startTuning(run: StageRun, first: Weights, student: Weights): StageTraining {
  const { config, folder, images, parallel } = run;
  const { spec, seed, fineTuningLearningRate } = config;
  const { each, all } = lengthOf(config, "fineTuningSteps");
  const criticsFirst = Math.min(CRITICS_FIRST.most, Math.floor(CRITICS_FIRST.share * all));
  const plan = planOf(config);
  const { training, validation, split } = readPosteriors(run, first);

  const features = trainFeatureNetwork(images, split.training, `${seed}/features`, parallel);
  const critics = createCritics(`${seed}/critics`);
  const generator = createImageGenerator(spec, plan, training);
  const learned = variablesFrom(generator.weights, untunedWeights(spec, first, student));
  const distilled = variablesFrom(weightsOf(plan.flow), student);
  const average = createAverage(learned);
  const partOf = (isStudent: boolean) =>
    new Map([...learned].filter(([name]) => distilled.has(name) === isStudent));
  const adams = {
    critics: createAdam(critics.variables, ADAM),
    decoder: createAdam(partOf(false), ADAM),
    student: createAdam(partOf(true), ADAM),
  };
  const stored = new Map([...critics.variables, ...learned, ...average.stored]);
  const losses = createLosses(
    { critics, generator, learned, distilled, features },
    images,
    training,
    split.training,
    `${seed}/fine-tuning`,
  );
  const real = momentsOfBatches((from, to) => imageTensor(images, split.validation.subarray(from, to)));
  const validated = validation.labels.subarray(0, VALIDATED);

  return {
    variables: stored,
    optimisers: Object.values(adams),
    steps: each,
    step: (epoch, i) => {
      const step = (epoch - 1) * each + i;
      const rate = fineTuningLearningRate * Math.min(1, (step + 1) / WARMUP_STEPS);
      const shards = cutBatch(BATCH, parallel.shards);
      const batches = new Map<Shard, Batch>();
      const critic = { adam: adams.critics, learningRate: CRITIC_RATE * rate };
      const { loss: lossOfCritics } = descend(parallel, shards, [critic], (shard) => {
        const batch = losses.batchOf(step, shard);
        batches.set(shard, batch);
        const loss = losses.ofCritics(batch);
        return () => ({ loss: tf.mul(loss(), shard.share) });
      });
      if (step < criticsFirst) return { loss: lossOfCritics, examples: 1 };
      const optimisers = [
        { adam: adams.decoder, learningRate: rate },
        { adam: adams.student, learningRate: STUDENT_RATE * rate },
      ];
      const { loss } = descend(parallel, shards, optimisers, (shard) => {
        const lossOf = losses.ofGenerator(batches.get(shard)!);
        return () => ({ loss: tf.mul(lossOf(), shard.share) });
      });
      average.update(Math.min(AVERAGE_DECAY, 1 - 1 / (1 + 0.1 * (step + 1 - criticsFirst))));
      return { loss, examples: 1 };
    },
    // The Fréchet distance to validation images, in the feature network's features.
    validate: () => {
      const drawn = momentsOfBatches((from, to) =>
        draw(validated.subarray(from, to), `${seed}/fine-tuning/validation/${from}`),
      );
      return frechetDistance(drawn, real);
    },
    onEpoch: async (epoch) => {
      const labels = Uint8Array.from({ length: SAMPLE_ROWS * CLASSES }, (_, i) => i % CLASSES);
      const sheet = tf.tidy(() => draw(labels, `${seed}/fine-tuning/samples`));
      const picture = `epochs/${FINE_TUNING.name}-${String(epoch).padStart(3, "0")}-samples.png`;
      await replaceFile(join(folder, picture), encodePng(tileImages(await toImages(sheet), CLASSES)));
      sheet.dispose();
    },
    dispose: () => {
      features.dispose();
      generator.dispose();
      tf.dispose([...stored.values(), ...distilled.values()]);
    },
  };

  /** Digits by the averaged weights. */
  function draw(labels: Uint8Array, of: string): tf.Tensor4D {
    const next = createGenerator(of);
    const noise = normal(next, labels.length, training.dim);
    const grains = Uint32Array.from(labels, () => drawGrain(next));
    return generator.decode(average.named, generator.latents(average.named, noise, labels), grains);
  }

  /** Mean and covariance of the features of as many images as are validated. */
  function momentsOfBatches(imagesOf: (from: number, to: number) => tf.Tensor4D) {
    const count = Math.min(VALIDATED, split.validation.length);
    const starts = Array.from(
      { length: Math.ceil(count / VALIDATION_BATCH) },
      (_, i) => i * VALIDATION_BATCH,
    );
    const parts = starts.map((from) =>
      tf.tidy(() => {
        const batch = imagesOf(from, Math.min(count, from + VALIDATION_BATCH));
        return features.read(batch).vector.dataSync() as Float32Array;
      }),
    );
    return momentsOf(Float32Array.from(parts.flatMap((part) => [...part])), VECTOR_SIZE);
  }
}
