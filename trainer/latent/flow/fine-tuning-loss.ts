// What the critics and the generator of the last stage minimise: a relativistic loss with gradient penalties on real and
// drawn images (Huang et al. 2024, https://arxiv.org/abs/2501.05441). tfjs has no second derivatives of convolutions, so
// the penalties are differences along random directions. A share of each batch are latents of the encoder, so that they
// stay drawable.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, type Generator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import { drawGrain } from "../../../shared/decoder/noise.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Shard } from "../../parallel/shards.ts";
import type { Critics, PerCritic, Seen } from "./critics.ts";
import { type FeatureNetwork, imageTensor } from "./feature-network.ts";
import type { ImageGenerator } from "./generator.ts";
import { crossEntropy, type Variables } from "./network.ts";
import { chooseRows, normal, type Posteriors, samplePosteriors } from "./posteriors.ts";

export const BATCH = 64;
/** Latents of the encoder beside each batch, as a share of it. */
const ENCODED = 1 / 4;
/** The penalties are added in one of so many steps, as many times as strong. */
const LAZY = 4;
const CRITIC_WEIGHTS: PerCritic<number> = [1, 1.5];
const PENALTY_WEIGHTS: PerCritic<number> = [0.05, 0.004];
/** Length of the random directions: deviations in pixels, and in features. */
const PENALTY_NOISE: PerCritic<number> = [0.03, 0.1];
/** Weights of the generator's losses beside what the critics say. */
const WEIGHTS = { digit: 0.03, pixels: 0.02, features: 0.5, student: 0.02 };

export interface Batch {
  readonly labels: Uint8Array;
  readonly real: Seen;
  readonly noise: tf.Tensor2D;
  /** Of the drawn images; those of encoded latents are 0. */
  readonly grains: Uint32Array;
  /** Latents of the first real images. */
  readonly encoded: tf.Tensor2D;
  /** Whether penalties are due. */
  readonly isPenalised: boolean;
  readonly next: Generator;
}

export interface Losses {
  /** What a step looks at, of a shard. */
  readonly batchOf: (step: number, shard: Shard) => Batch;
  /** Real images against drawn ones, with the penalties where they are due. */
  readonly ofCritics: (batch: Batch) => () => tf.Scalar;
  /** Drawn images that the critics take for real, and reconstructions of encoded ones. */
  readonly ofGenerator: (batch: Batch) => () => tf.Scalar;
}

/** What plays against each other. */
export interface Players {
  readonly critics: Critics;
  readonly generator: ImageGenerator;
  /** Of the generator: those that learn, and the student's as it was distilled. */
  readonly learned: Variables;
  readonly distilled: Variables;
  readonly features: FeatureNetwork;
}

/** @param indices  of the posteriors' images in the data */
export function createLosses(
  { critics, generator, learned, distilled, features }: Players,
  images: Dataset,
  posteriors: Posteriors,
  indices: Uint32Array,
  seed: string,
): Losses {
  const look = (x: tf.Tensor4D): ReturnType<FeatureNetwork["read"]> & Seen => ({
    images: x,
    ...features.read(x),
  });

  return {
    batchOf: (step, { from, to, seed: seedOf }) => {
      const next = createGenerator(seedOf(`${seed}/${step}`));
      const { rows, labels } = chooseRows(next, posteriors, to - from);
      const places = rows.map((row) => indices[row]!);
      const noise = normal(next, rows.length, posteriors.dim);
      const encoded = samplePosteriors(next, posteriors, rows.subarray(0, ENCODED * rows.length));
      const grains = Uint32Array.from(places, () => drawGrain(next));
      const real = look(imageTensor(images, places));
      return { labels, real, noise, grains, encoded, isPenalised: step % LAZY === 0, next };
    },

    ofCritics: ({ next, labels, real, noise, grains, isPenalised }) => {
      const fake = look(generator.decode(learned, generator.latents(learned, noise, labels), grains));
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
    },

    ofGenerator: ({ labels, real, noise, grains, encoded }) => {
      const goals = critics.score(real, labels);
      const before = generator.latents(distilled, noise, labels);
      const count = labels.length;
      const wanted = mapSeen(real, (x) => tf.slice(x, 0, ENCODED * count));
      const all = Uint32Array.of(...grains, ...new Uint32Array(ENCODED * count));
      return () => {
        const latents = generator.latents(learned, noise, labels);
        const seen = look(generator.decode(learned, tf.concat([latents, encoded]), all));
        const ofDrawn = mapSeen(seen, (x) => tf.slice(x, 0, count));
        const found = mapSeen(seen, (x) => tf.slice(x, count));
        const margins = critics
          .score(ofDrawn, labels)
          .map((score, k) => tf.mean(tf.softplus(tf.sub(goals[k]!, score))));
        const squares = (key: keyof Seen) => tf.mean(tf.squaredDifference(found[key], wanted[key]));
        const pixels = real.images.size / count;
        return tf.addN([
          weighted(CRITIC_WEIGHTS, margins),
          tf.mul(WEIGHTS.digit, crossEntropy(tf.slice(seen.scores, 0, count), labels)),
          tf.mul(WEIGHTS.pixels * pixels, squares("images")),
          tf.mul(WEIGHTS.features, tf.add(squares("map"), squares("vector"))),
          tf.mul(WEIGHTS.student, tf.mean(tf.squaredDifference(latents, before))),
        ]) as tf.Scalar;
      };
    },
  };
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
