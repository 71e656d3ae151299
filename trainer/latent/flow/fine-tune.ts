// The last stage: student and decoder become one generator, trained against critics (VAE-GAN: Larsen et al. 2016,
// https://arxiv.org/abs/1512.09300) by a relativistic loss with gradient penalties on both sides (Huang et al. 2024,
// https://arxiv.org/abs/2501.05441). tfjs has no second derivatives of convolutions, so the penalties are differences along
// random directions. The encoder stays as it is; a share of each batch are its latents, so that they stay drawable.

import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import { encodePng } from "../../../shared/image/png.ts";
import { tileImages } from "../../../shared/image/sheet.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import type { FlowSpec } from "../../../shared/latent/flow/spec.ts";
import { planDecoder } from "../../../shared/model/plan.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { createAdam } from "../../backend/adam.ts";
import { frechetDistance, momentsOf } from "../../evaluate/frechet.ts";
import { toImages } from "../../train/pictures.ts";
import { replaceFile } from "../../train/replace-file.ts";
import { cosineDecay } from "../../train/schedule.ts";
import { digestOf, readStage, runStage, type StageRun, type StageTraining } from "../stages.ts";
import { createCritics, type PerCritic, type Seen } from "./critics.ts";
import { readStudent } from "./distil.ts";
import { imageTensor, trainFeatureNetwork, VECTOR_SIZE } from "./feature-network.ts";
import { drawLatents } from "./flow-network.ts";
import { crossEntropy, runLayers, type Variables, variablesFrom, weightsOf } from "./network.ts";
import { chooseRows, normal, readPosteriors, samplePosteriors } from "./posteriors.ts";
import { averagesOf, createAverage, flowStage, lengthOf, planOf, readFirst } from "./stage.ts";

/** No momentum, as in most adversarial training. */
const ADAM = { beta1: 0, beta2: 0.99, epsilon: 1e-8 };
const BATCH = 64;
/** Latents of the encoder beside each batch. */
const ENCODED = 16;
/** Steps in which the critics learn alone: a share of all, at most so many. */
const CRITICS_FIRST = { share: 0.02, most: 150 };
/** Learning rate of the critics, as a multiple. */
const CRITIC_RATE = 2;
const WARMUP_STEPS = 100;
/** Share of the steps after which the learning rate falls, and where it ends. */
const [CONSTANT, LAST_RATE] = [0.3, 0.02];
/** Every so many steps the penalties are added, as many times as strong. */
const LAZY = 4;
const CRITIC_WEIGHTS: PerCritic<number> = [1, 0.5];
const PENALTY_WEIGHTS: PerCritic<number> = [0.05, 0.02];
/** Length of the random directions: deviations in pixels, and in features. */
const PENALTY_NOISE: PerCritic<number> = [0.03, 0.1];
/** Weights of the generator's losses beside what the critics say. */
const WEIGHTS = { digit: 0.05, pixels: 0.02, features: 0.5, student: 0.02 };
/** Validation images, at most, that drawn ones are compared with. */
const VALIDATED = 2000;
const VALIDATION_BATCH = 200;
const SAMPLE_ROWS = 8;

export const FINE_TUNING = flowStage("fine-tuning", "fineTuningSteps", "fineTuningLearningRate", fineTune);

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
  const { config, folder, images } = run;
  const { spec, seed, fineTuningLearningRate } = config;
  const { each, all } = lengthOf(config, "fineTuningSteps");
  const criticsFirst = Math.min(CRITICS_FIRST.most, Math.floor(CRITICS_FIRST.share * all));
  const plan = { flow: planOf(config), decoder: planDecoder(spec) };
  const { guidance } = (spec.latent as FlowSpec).flow;
  const { training, validation, split } = readPosteriors(run, first);
  const { dim } = training;

  const features = trainFeatureNetwork(images, split.training, `${seed}/features`);
  const critics = createCritics(`${seed}/critics`);
  const original = variablesFrom(weightsOf(plan.flow.flow), student);
  const generator = variablesFrom(
    [...weightsOf(plan.flow.flow), ...weightsOf(plan.decoder)],
    new Map([...first, ...student]),
  );
  const average = createAverage(generator);
  const adams = { critics: createAdam(critics.variables, ADAM), generator: createAdam(generator, ADAM) };
  const [mean, deviation] = [tf.tensor1d(training.mean), tf.tensor1d(training.deviation)];
  const learned = new Map([...critics.variables, ...generator, ...average.stored]);

  const drawn = (flow: Variables, noise: tf.Tensor2D, labels: Uint8Array) =>
    drawLatents(plan.flow, flow, noise, labels, new Float32Array(labels.length).fill(guidance));
  const decode = (decoder: Variables, z: tf.Tensor2D) =>
    served(runLayers(plan.decoder, decoder, tf.add(tf.mul(z, deviation), mean)) as tf.Tensor4D);
  const look = (x: tf.Tensor4D) => ({ images: x, ...features.read(x) });

  const validated = validation.labels.subarray(0, VALIDATED);
  const vectorsOf = (imagesOf: (from: number, to: number) => tf.Tensor4D) => {
    const starts = Array.from({ length: Math.ceil(validated.length / VALIDATION_BATCH) }, (_, i) => i);
    const parts = starts.map((start) =>
      tf.tidy(() => {
        const from = start * VALIDATION_BATCH;
        const to = Math.min(validated.length, from + VALIDATION_BATCH);
        return features.read(imagesOf(from, to)).vector.dataSync() as Float32Array;
      }),
    );
    return momentsOf(Float32Array.from(parts.flatMap((part) => [...part])), VECTOR_SIZE);
  };
  const real = vectorsOf((from, to) => imageTensor(images, split.validation.subarray(from, to)));
  /** Digits by the averaged weights. */
  const draw = (labels: Uint8Array, of: string) =>
    decode(average.named, drawn(average.named, normal(createGenerator(of), labels.length, dim), labels));

  return {
    variables: learned,
    optimisers: [adams.critics, adams.generator],
    steps: each,
    step: (epoch, i) => {
      const index = (epoch - 1) * each + i;
      const rate = fineTuningLearningRate * Math.min(1, (index + 1) / WARMUP_STEPS) * fall(index / all);
      const batch = batchOf(index);
      const forCritics = tf.variableGrads(criticLoss(batch, index % LAZY === 0), [
        ...critics.variables.values(),
      ]);
      adams.critics.step(forCritics.grads, CRITIC_RATE * rate);
      if (index < criticsFirst) return { loss: forCritics.value, examples: 1 };
      const { value, grads } = tf.variableGrads(generatorLoss(batch), [...generator.values()]);
      adams.generator.step(grads, rate);
      average.update(Math.min(0.999, 1 - 1 / (1 + 0.1 * (index + 1 - criticsFirst))));
      return { loss: value, examples: 1 };
    },
    // The Fréchet distance to validation images, in the feature network's features.
    validate: () => {
      const found = vectorsOf((from, to) =>
        draw(validated.subarray(from, to), `${seed}/fine-tuning/validation/${from}`),
      );
      return frechetDistance(found, real);
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
      tf.dispose([...learned.values(), ...original.values(), mean, deviation]);
    },
  };

  function batchOf(index: number) {
    const next = createGenerator(`${seed}/fine-tuning/${index}`);
    const { rows, labels } = chooseRows(next, training, BATCH);
    const places = rows.map((row) => split.training[row]!);
    const noise = normal(next, BATCH, dim);
    const encoded = samplePosteriors(next, training, rows.subarray(0, ENCODED));
    return { next, labels, real: look(imageTensor(images, places)), noise, encoded };
  }

  /** Real images against drawn ones, with the penalties where they are due. */
  function criticLoss({ next, labels, real, noise }: ReturnType<typeof batchOf>, isPenalised: boolean) {
    const fake = look(decode(generator, drawn(generator, noise, labels)));
    const both = mapSeen(real, (x, key) => tf.concat([x, fake[key]]));
    const twice = Uint8Array.of(...labels, ...labels);
    const moved =
      isPenalised &&
      mapSeen(both, (x, key) => {
        const scale = PENALTY_NOISE[key === "images" ? 0 : 1];
        const step = sampleNormal(next, new Float32Array(x.size)).map((value) => scale * value);
        return tf.add(x, tf.tensor(step, x.shape));
      });
    return () => {
      const scores = critics.score(both, twice);
      const margins = scores.map((score) => {
        const [ofReal, ofFake] = tf.split(score, 2);
        return tf.mean(tf.softplus(tf.sub(ofFake!, ofReal!)));
      });
      if (!moved) return weighted(CRITIC_WEIGHTS, margins);
      const penalties = critics.score(moved, twice).map((score, k) => {
        const weight = (LAZY * PENALTY_WEIGHTS[k]!) / PENALTY_NOISE[k]! ** 2;
        return tf.mul(weight, tf.mean(tf.squaredDifference(score, scores[k]!)));
      });
      return weighted([...CRITIC_WEIGHTS, ...CRITIC_WEIGHTS], [...margins, ...penalties]);
    };
  }

  /** Drawn images that the critics take for real, and reconstructions of encoded ones. */
  function generatorLoss({ labels, real, noise, encoded }: ReturnType<typeof batchOf>) {
    const goals = critics.score(real, labels);
    const before = drawn(original, noise, labels);
    const wanted = mapSeen(real, (x) => tf.slice(x, 0, ENCODED));
    return () => {
      const latents = drawn(generator, noise, labels);
      const seen = look(decode(generator, tf.concat([latents, encoded])));
      const ofDrawn = mapSeen(seen, (x) => tf.slice(x, 0, BATCH));
      const found = mapSeen(seen, (x) => tf.slice(x, BATCH));
      const margins = critics
        .score(ofDrawn, labels)
        .map((score, k) => tf.mean(tf.softplus(tf.sub(goals[k]!, score))));
      const squares = (key: keyof Seen) => tf.mean(tf.squaredDifference(found[key], wanted[key]));
      const pixels = real.images.size / BATCH;
      return weighted(
        [
          ...CRITIC_WEIGHTS,
          WEIGHTS.digit,
          WEIGHTS.pixels * pixels,
          WEIGHTS.features,
          WEIGHTS.features,
          WEIGHTS.student,
        ],
        [
          ...margins,
          crossEntropy(tf.slice(seen.scores, 0, BATCH), labels),
          squares("images"),
          squares("map"),
          squares("vector"),
          tf.mean(tf.squaredDifference(latents, before)),
        ],
      );
    };
  }
}

function mapSeen(seen: Seen, change: (x: tf.Tensor, key: keyof Seen) => tf.Tensor): Seen {
  return {
    images: change(seen.images, "images") as tf.Tensor4D,
    map: change(seen.map, "map") as tf.Tensor4D,
    vector: change(seen.vector, "vector") as tf.Tensor2D,
  };
}

function weighted(weights: readonly number[], losses: readonly tf.Tensor[]): tf.Scalar {
  return tf.addN(losses.map((loss, i) => tf.mul(loss, weights[i]!))) as tf.Scalar;
}

/** The learning rate's course: 1, then half a cosine. */
function fall(done: number): number {
  return done < CONSTANT ? 1 : LAST_RATE + (1 - LAST_RATE) * cosineDecay((done - CONSTANT) / (1 - CONSTANT));
}

/** Pixels of logits as they are served, whole 1/255s; the gradient is that of the figure before rounding. */
function served(logits: tf.Tensor4D): tf.Tensor4D {
  const round = tf.customGrad((x) => ({
    value: tf.div(tf.round(tf.mul(x as tf.Tensor, 255)), 255),
    gradFunc: (dy) => dy,
  }));
  return round(tf.sigmoid(logits)) as tf.Tensor4D;
}
