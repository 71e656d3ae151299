// What connects an encoder's outputs with a decoder's input: a draw from a Gaussian, or a grid of codes.

import type * as tf from "@tensorflow/tfjs";
import type { ModelSpec } from "../../shared/model/spec.ts";
import type { EpochRecord } from "../../shared/release/release.ts";

export interface Bottleneck {
  /** Standard normal numbers per image. */
  readonly noiseDim: number;
  /**
   * @param outputs  of the encoder, [batch, outputs]
   * @param noise  [batch, noiseDim], draws from N(0, 1)
   * @param digits  on the images, [batch]
   * @param isTraining  whether these outputs are for `drainSeen`
   */
  readonly forward: (
    outputs: tf.Tensor2D,
    noise: tf.Tensor2D,
    digits: Uint8Array,
    isTraining: boolean,
  ) => BottleneckOutput;
  /** The parameters of q(z|x), where it is Gaussian. */
  readonly posterior?: (outputs: tf.Tensor2D, digits: Uint8Array) => Posterior;
  /** The decoder's input without noise, [batch, latentDim]. */
  readonly encodeMean: (outputs: tf.Tensor2D, digits: Uint8Array) => tf.Tensor2D;
  /** What is learned without gradients, by name; by default nothing. The bottleneck's caller disposes of it. */
  readonly variables?: ReadonlyMap<string, tf.Variable>;
  /** Begins with an encoder's outputs, where nothing has been learned yet. */
  readonly start?: (outputs: tf.Tensor2D) => void;
  /** What `afterStep` learns from, of the outputs in training since the last call: `seenPerImage` numbers for each image. */
  readonly drainSeen?: () => Float32Array;
  readonly seenPerImage?: number;
  /** Learns from what was seen of a whole batch. */
  readonly afterStep?: (seen: Float32Array) => void;
  /** What it adds to an epoch's record, from the outputs seen since the last call. */
  readonly drainRecord?: () => Omit<EpochRecord, "epoch" | "seconds" | "training" | "validation">;
}

/** Scalars are sums over the batch. */
export interface BottleneckOutput {
  /** The decoder's input, [batch, latentDim]. */
  readonly latent: tf.Tensor2D;
  /** KL(q(z|x) || p(z)), nats. */
  readonly kl: tf.Scalar;
  /** The term that training adds to the reconstruction loss, weighted by beta: the KL, or the commitment loss. */
  readonly penalty: tf.Scalar;
}

/** A diagonal Gaussian for each image, [batch, latentDim] each. */
export interface Posterior {
  readonly mu: tf.Tensor2D;
  readonly logVar: tf.Tensor2D;
}

export type CreateBottleneck = (spec: ModelSpec, seed: string) => Bottleneck;
