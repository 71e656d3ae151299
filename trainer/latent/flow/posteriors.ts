// What the later stages learn from: the posteriors q(z|x) of the finished encoder.

import * as tf from "@tensorflow/tfjs";
import { type Generator, sampleNormal, uniform } from "../../../shared/arithmetic/random.ts";
import { createNetwork } from "../../../shared/decoder/network.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { planEncoder } from "../../../shared/model/plan.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { gatherImages, labelsOf, splitTraining } from "../../data/dataset.ts";
import { runNetwork } from "../../math/run-network.ts";
import { gatherShards } from "../../parallel/gather.ts";
import { cutBatch, MOST_SHARDS } from "../../parallel/shards.ts";
import { type Posterior, splitHeads } from "../gaussian/autoencoder.ts";
import { digestOf, type StageRun } from "../stages.ts";
import { weightsOf } from "./network.ts";

/** Posteriors of images, standardised: draws from those of the training images have mean 0 and deviation 1 in every dimension. */
export interface Posteriors {
  /** Latent dimensions. */
  readonly dim: number;
  /** float32 [n, dim], flat. */
  readonly mu: Float32Array;
  readonly sigma: Float32Array;
  /** [n] */
  readonly labels: Uint8Array;
  /** Of the training images' latents as the decoder takes them, [dim]. */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

const ENCODED_AT_ONCE = 12;

/** Of the training and of the validation images. */
export function readPosteriors({ config, images, parallel }: StageRun, first: Weights) {
  const { spec } = config;
  const dim = latentDim(spec);
  const encoder = createNetwork(loadDecodeKernels(), planEncoder(spec), first, ENCODED_AT_ONCE);
  const split = splitTraining(images.count, config.seed, config.limit);
  const [training, validation] = [split.training, split.validation].map((indices) => ({
    ...encode(indices),
    labels: labelsOf(images, indices),
  }));
  const { mean, deviation } = momentsOf(training!, dim);
  const standardised = ({ mu, logVar, labels }: NonNullable<typeof training>): Posteriors => ({
    dim,
    mu: mu.map((value, i) => (value - mean[i % dim]!) / deviation[i % dim]!),
    sigma: logVar.map((value, i) => Math.exp(value / 2) / deviation[i % dim]!),
    labels,
    mean,
    deviation,
  });
  return { training: standardised(training!), validation: standardised(validation!), split };

  /** By all threads, each a share of the images. */
  function encode(indices: Uint32Array): Posterior {
    const parts = cutBatch(indices.length, MOST_SHARDS);
    const heads = gatherShards(parallel.group, parts, 2 * dim, ({ from, to }) =>
      runNetwork(encoder, gatherImages(images, indices.subarray(from, to))),
    );
    return splitHeads(heads, dim);
  }
}

/** Of the encoder's weights: what learned from the latents of others is of no use. */
export function digestOfEncoder(spec: ModelSpec, first: Weights): string {
  return digestOf(
    first,
    weightsOf(planEncoder(spec)).map(({ name }) => name),
  );
}

/** Images that are chosen at random, by their places in the posteriors. */
export function chooseRows(next: Generator, { labels }: Posteriors, count: number) {
  const rows = Uint32Array.from({ length: count }, () => Math.floor(uniform(next) * labels.length));
  return { rows, labels: Uint8Array.from(rows, (row) => labels[row]!) };
}

/** A draw from the posterior of each, [rows, dim]. */
export function samplePosteriors(next: Generator, { mu, sigma, dim }: Posteriors, rows: Uint32Array) {
  const z = sampleNormal(next, new Float32Array(rows.length * dim));
  for (let i = 0; i < z.length; i++) {
    const place = rows[Math.floor(i / dim)]! * dim + (i % dim);
    z[i] = mu[place]! + sigma[place]! * z[i]!;
  }
  return tf.tensor2d(z, [rows.length, dim]);
}

/** Draws from N(0, I), [count, dim]. */
export function normal(next: Generator, count: number, dim: number): tf.Tensor2D {
  return tf.tensor2d(sampleNormal(next, new Float32Array(count * dim)), [count, dim]);
}

/** Mean and deviation of draws from all posteriors together, [dim] each. */
function momentsOf({ mu, logVar }: Posterior, dim: number) {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(tf.tensor2d(mu, [mu.length / dim, dim]), 0);
    const within = tf.mean(tf.exp(tf.tensor2d(logVar, [mu.length / dim, dim])), 0);
    const read = (x: tf.Tensor) => Float32Array.from(x.dataSync());
    return { mean: read(mean), deviation: read(tf.sqrt(tf.add(variance, within))) };
  });
}
