// The second stage: a rectified flow learns the latents of the training images by class.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, sampleNormal, uniform } from "../../../shared/arithmetic/random.ts";
import type { FlowSpec } from "../../../shared/latent/flow/spec.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { ADAM, createAdam } from "../../backend/adam.ts";
import { descend } from "../../parallel/descend.ts";
import { cutBatch } from "../../parallel/shards.ts";
import { cosineDecay } from "../../train/schedule.ts";
import { readStage, runStage, type StageRun, type StageTraining } from "../stages.ts";
import { NO_CLASS, planTeacher, teacherInput } from "./flow-network.ts";
import { createVariables, runLayers, type Variables, weightsOf } from "./network.ts";
import {
  chooseRows,
  digestOfEncoder,
  normal,
  type Posteriors,
  readPosteriors,
  samplePosteriors,
} from "./posteriors.ts";
import { averagesOf, createAverage, flowStage, lengthOf, planOf, readFirst } from "./stage.ts";

/** Second moments decay faster than by default, as suits a loss whose noise does not fade. */
const BETA2 = 0.99;
const BATCH = 512;
const SHARDS = 2;
const WARMUP_STEPS = 200;
/** Share of labels that the flow does not see, for guidance by the difference. */
const WITHHELD = 0.1;
const VALIDATION_BATCHES = 8;
/** Decay of the averages, at first and later. */
const [EARLY, LATE, EARLY_STEPS] = [0.9, 0.997, 500];

export const FLOW = flowStage("flow", "flowSteps", "flowLearningRate", trainFlow, SHARDS);

/**
 * The velocity field that a run has learned.
 * @param first  weights of its first stage
 * @throws RunError
 */
export async function readTeacher(folder: string, spec: ModelSpec, first: Weights): Promise<Weights> {
  return averagesOf(await readStage(folder, FLOW, digestOfEncoder(spec, first)));
}

async function trainFlow(run: StageRun): Promise<void> {
  const first = await readFirst(run.folder);
  await runStage(run, FLOW, digestOfEncoder(run.config.spec, first), () => startFlow(run, first));
}

function startFlow(run: StageRun, first: Weights): StageTraining {
  const { config, parallel } = run;
  const { seed, flowLearningRate: rate } = config;
  const { training, validation } = readPosteriors(run, first);
  const { mean, deviation } = planOf(config);
  const plan = planTeacher(config.spec.latent as FlowSpec);
  const learned = createVariables(weightsOf(plan), `${seed}/flow`);
  const average = createAverage(learned);
  const adam = createAdam(learned, { ...ADAM, beta2: BETA2 });
  const { each, all } = lengthOf(config, "flowSteps");
  const constant = (values: Float32Array) => tf.tidy(() => tf.variable(tf.tensor1d(values), false));
  const standard = [
    [mean.name, constant(training.mean)],
    [deviation.name, constant(training.deviation)],
  ] as const;
  const variables = new Map([...learned, ...average.stored, ...standard]);
  return {
    variables,
    optimisers: [adam],
    steps: each,
    step: (epoch, i) => {
      const step = (epoch - 1) * each + i;
      const shards = cutBatch(BATCH, parallel.shards);
      const learningRate = rate * Math.min(1, (step + 1) / WARMUP_STEPS) * cosineDecay(step / all);
      const { loss } = descend(parallel, shards, [{ adam, learningRate }], (shard) => {
        const lossOf = prepareLoss(training, shard.seed(`${seed}/flow/${step}`), shard.to - shard.from);
        return () => ({ loss: tf.mul(lossOf(learned), shard.share) });
      });
      average.update(step > EARLY_STEPS ? LATE : EARLY);
      return { loss, examples: 1 };
    },
    validate: () => {
      const losses = Array.from({ length: VALIDATION_BATCHES }, (_, i) =>
        tf.tidy(() => {
          const loss = prepareLoss(validation, `${seed}/flow/validation/${i}`, BATCH);
          return loss(average.named).dataSync()[0]!;
        }),
      );
      return losses.reduce((sum, loss) => sum + loss, 0) / VALIDATION_BATCHES;
    },
    dispose: () => tf.dispose([...variables.values()]),
  };

  /** |v(z_t, t, class) - (z_1 - z_0)|^2 on straight lines from N(0, I) to draws from the posteriors, mean over a batch. */
  function prepareLoss(posteriors: Posteriors, of: string, count: number) {
    const next = createGenerator(of);
    const { rows, labels } = chooseRows(next, posteriors, count);
    const z1 = samplePosteriors(next, posteriors, rows);
    const z0 = normal(next, count, posteriors.dim);
    // Logit-normal times: most where the way is least clear (Esser et al. 2024, https://arxiv.org/abs/2403.03206).
    const times = sampleNormal(next, new Float32Array(count)).map((x) => 1 / (1 + Math.exp(-x)));
    const classes = labels.map((label) => (uniform(next) < WITHHELD ? NO_CLASS : label));
    const velocity = tf.sub(z1, z0);
    const z = tf.add(z0, tf.mul(tf.tensor2d(times, [count, 1]), velocity)) as tf.Tensor2D;
    const input = teacherInput(z, classes, times);
    return (field: Variables) =>
      tf.mean(tf.squaredDifference(runLayers(plan, field, input), velocity)) as tf.Scalar;
  }
}
