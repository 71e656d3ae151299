// The third stage: a student learns to do in one evaluation, guidance included, what the flow does in sixteen.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, sampleNormal, uniform } from "../../../shared/arithmetic/random.ts";
import { type FlowSpec, MAX_GUIDANCE } from "../../../shared/latent/flow/spec.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { ADAM, createAdam } from "../../backend/adam.ts";
import { labelsOf, splitTraining } from "../../data/dataset.ts";
import { descend } from "../../parallel/descend.ts";
import { gatherShards } from "../../parallel/gather.ts";
import { cutBatch } from "../../parallel/shards.ts";
import { cosineDecay } from "../../train/schedule.ts";
import { digestOf, readStage, runStage, type StageRun, type StageTraining } from "../stages.ts";
import { drawLatents, guidedFlow, planTeacher } from "./flow-network.ts";
import { createVariables, type Variables, variablesFrom, weightsOf } from "./network.ts";
import { averagesOf, createAverage, flowStage, lengthOf, planOf, readFirst } from "./stage.ts";
import { readTeacher } from "./train-flow.ts";

const BETA2 = 0.99;
const BATCH = 512;
const WARMUP_STEPS = 200;
const SHARDS = 2;
/** Pairs of noise and latent to learn from, for each step. */
const PAIRS_PER_STEP = 25;
const VALIDATION_PAIRS = 2000;
/** Latents that the teacher draws at once. */
const TEACHER_BATCH = 2000;
const AVERAGE_DECAY = 0.995;

export const DISTILLATION = flowStage(
  "distillation",
  "distillationSteps",
  "distillationLearningRate",
  trainStudent,
  SHARDS,
);

/**
 * The one evaluation that a run has distilled.
 * @param first  weights of its first stage
 * @throws RunError
 */
export async function readStudent(folder: string, spec: ModelSpec, first: Weights): Promise<Weights> {
  const teacher = await readTeacher(folder, spec, first);
  return averagesOf(await readStage(folder, DISTILLATION, digestOf(teacher)));
}

async function trainStudent(run: StageRun): Promise<void> {
  const teacher = await readTeacher(run.folder, run.config.spec, await readFirst(run.folder));
  await runStage(run, DISTILLATION, digestOf(teacher), () => startStudent(run, teacher));
}

function startStudent({ config, images, parallel }: StageRun, teacher: Weights): StageTraining {
  const { seed, distillationLearningRate: rate } = config;
  const plan = planOf(config);
  const { each, all } = lengthOf(config, "distillationSteps");
  const labels = labelsOf(images, splitTraining(images.count, seed, config.limit).training);
  const fieldPlan = planTeacher(config.spec.latent as FlowSpec);
  const field = variablesFrom(weightsOf(fieldPlan), teacher);
  const training = drawPairs(all * PAIRS_PER_STEP, `${seed}/distillation/pairs`);
  const validation = drawPairs(VALIDATION_PAIRS, `${seed}/distillation/validation`);
  tf.dispose([...field.values()]);
  const learned = createVariables(weightsOf(plan.flow), `${seed}/distillation`);
  const average = createAverage(learned);
  const adam = createAdam(learned, { ...ADAM, beta2: BETA2 });
  const variables = new Map([...learned, ...average.stored]);
  return {
    variables,
    optimisers: [adam],
    steps: each,
    step: (epoch, i) => {
      const step = (epoch - 1) * each + i;
      const next = createGenerator(`${seed}/distillation/${step}`);
      const rows = Int32Array.from({ length: BATCH }, () => Math.floor(uniform(next) * training.count));
      const shards = cutBatch(BATCH, parallel.shards);
      const learningRate = rate * Math.min(1, (step + 1) / WARMUP_STEPS) * cosineDecay(step / all);
      const { loss } = descend(parallel, shards, [{ adam, learningRate }], ({ from, to, share }) => () => ({
        loss: tf.mul(lossOf(learned, training, rows.subarray(from, to)), share),
      }));
      average.update(AVERAGE_DECAY);
      return { loss, examples: 1 };
    },
    validate: () => {
      const rows = Int32Array.from({ length: VALIDATION_PAIRS }, (_, i) => i);
      return tf.tidy(() => lossOf(average.named, validation, rows).dataSync()[0]!);
    },
    dispose: () => {
      tf.dispose([...variables.values()]);
      for (const { noise, latents } of [training, validation]) tf.dispose([noise, latents]);
    },
  };

  /** Noise, and what the guided flow makes of it. */
  function drawPairs(count: number, of: string): Pairs {
    const next = createGenerator(of);
    const classes = Uint8Array.from(
      { length: count },
      () => labels[Math.floor(uniform(next) * labels.length)]!,
    );
    const guidance = Float32Array.from(classes, () => uniform(next) * MAX_GUIDANCE);
    const dim = plan.flow.at(-1)!.output[2];
    const noise = sampleNormal(next, new Float32Array(count * dim));
    const parts = cutBatch(count, Math.ceil(count / TEACHER_BATCH));
    const latents = gatherShards(parallel.group, parts, dim, ({ from, to }) =>
      tf.tidy(() => {
        const start = tf.tensor2d(noise.subarray(from * dim, to * dim), [to - from, dim]);
        const [chosen, weights] = [classes.subarray(from, to), guidance.subarray(from, to)];
        return guidedFlow(fieldPlan, field, start, chosen, weights).dataSync() as Float32Array;
      }),
    );
    const tensor = (values: Float32Array) => tf.tensor2d(values, [count, dim]);
    return { count, classes, guidance, noise: tensor(noise), latents: tensor(latents) };
  }

  function lossOf(student: Variables, pairs: Pairs, rows: Int32Array): tf.Scalar {
    const [noise, target] = [pairs.noise, pairs.latents].map((x) => tf.gather(x, rows));
    const classes = Array.from(rows, (row) => pairs.classes[row]!);
    const guidance = Float32Array.from(rows, (row) => pairs.guidance[row]!);
    return tf.mean(tf.squaredDifference(drawLatents(plan, student, noise!, classes, guidance), target!));
  }
}

/** Latents with what they were drawn from; tensors are [count, dim]. */
interface Pairs {
  readonly count: number;
  readonly noise: tf.Tensor2D;
  readonly latents: tf.Tensor2D;
  readonly classes: Uint8Array;
  readonly guidance: Float32Array;
}
