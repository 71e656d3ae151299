// The fourth stage: a small network that reads the digit from a latent. It learns from draws of the posteriors; on the
// validation images' means, a temperature makes its probabilities honest (Guo et al. 2017, https://arxiv.org/abs/1706.04599).

import * as tf from "@tensorflow/tfjs";
import { createGenerator } from "../../../shared/arithmetic/random.ts";
import type { FlowPlan } from "../../../shared/latent/flow/plan.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { createAdam } from "../../backend/adam.ts";
import { cosineDecay } from "../../train/schedule.ts";
import { runStage, type StageRun, type StageTraining } from "../stages.ts";
import { createVariables, crossEntropy, runLayers, weightsOf } from "./network.ts";
import { chooseRows, digestOfEncoder, readPosteriors, samplePosteriors } from "./posteriors.ts";
import { flowStage, lengthOf, planOf, readFirst } from "./stage.ts";

const BATCH = 256;
const SMOOTHING = 0.05;
const TEMPERATURE = "temperature";
/** Temperatures that are tried: from 1/8 to 8. */
const CANDIDATES = Array.from({ length: 193 }, (_, i) => 2 ** (i / 32 - 3));

export const READER = flowStage("reader", "readerSteps", "readerLearningRate", trainReader);

async function trainReader(run: StageRun): Promise<void> {
  const first = await readFirst(run.folder);
  await runStage(run, READER, digestOfEncoder(run.config.spec, first), () => startReader(run, first));
}

function startReader(run: StageRun, first: Weights): StageTraining {
  const { config } = run;
  const { seed, readerLearningRate: rate } = config;
  const { training, validation } = readPosteriors(run, first);
  const plan = planOf(config).reader;
  const learned = createVariables(weightsOf(plan), `${seed}/reader`);
  const temperature = tf.tidy(() => tf.variable(tf.ones([1]), false));
  const adam = createAdam(learned);
  const { each, all } = lengthOf(config, "readerSteps");
  const [mean, deviation] = [tf.tensor1d(training.mean), tf.tensor1d(training.deviation)];
  const scores = (z: tf.Tensor2D) =>
    runLayers(plan, learned, tf.add(tf.mul(z, deviation), mean)) as tf.Tensor2D;
  return {
    variables: new Map([...learned, [TEMPERATURE, temperature]]),
    optimisers: [adam],
    steps: each,
    step: (epoch, i) => {
      const step = (epoch - 1) * each + i;
      const next = createGenerator(`${seed}/reader/${step}`);
      const { rows, labels } = chooseRows(next, training, BATCH);
      const z = samplePosteriors(next, training, rows);
      const { value, grads } = tf.variableGrads(
        () => crossEntropy(scores(z), labels, SMOOTHING),
        [...learned.values()],
      );
      adam.step(grads, rate * cosineDecay(step / all));
      return { loss: value, examples: 1 };
    },
    // Chooses the temperature too.
    validate: () =>
      tf.tidy(() => {
        const { mu, labels, dim } = validation;
        const found = scores(tf.tensor2d(mu, [labels.length, dim]));
        const losses = CANDIDATES.map((t) => crossEntropy(tf.div(found, t), labels).dataSync()[0]!);
        const best = losses.indexOf(Math.min(...losses));
        temperature.assign(tf.tensor1d([CANDIDATES[best] ?? 1]));
        return losses[best] ?? Number.NaN;
      }),
    dispose: () => tf.dispose([...learned.values(), temperature, mean, deviation]),
  };
}

/** The reader's weights with its temperature in the last layer. */
export function readerWeights({ reader }: FlowPlan, tensors: Weights): Weights {
  const [temperature] = tensors.get(TEMPERATURE)!;
  const last = new Set(reader.at(-1)!.weights);
  return new Map(
    weightsOf(reader).map((tensor) => {
      const values = tensors.get(tensor.name)!;
      return [tensor.name, last.has(tensor) ? values.map((value) => value / temperature!) : values];
    }),
  );
}
