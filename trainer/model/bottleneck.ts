// What stands between an encoder's outputs and a decoder's input: such as a draw from a Gaussian, or a grid of codes.

import type * as tf from "@tensorflow/tfjs";
import type { ModelSpec } from "../../shared/model/spec.ts";

export interface Bottleneck {
  /** Standard normal numbers that an image's passage takes. */
  readonly noiseDim: number;
  /**
   * @param outputs  of the encoder, [batch, outputs]
   * @param noise  [batch, noiseDim], draws from N(0, 1)
   * @param isTraining  what is seen may be learned from, see `learn`
   */
  readonly pass: (outputs: tf.Tensor2D, noise: tf.Tensor2D, isTraining: boolean) => Passage;
  /** The decoder's input without noise, [batch, latentDim]. */
  readonly settle: (outputs: tf.Tensor2D) => tf.Tensor2D;
  /** What is learned without gradients, after a step of training; by name. */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  /** Learns from the last passage in training. */
  readonly learn: () => void;
  /** How the codes were used since the last call; undefined where there are none. */
  readonly takeUse: () => CodeUse | undefined;
  readonly dispose: () => void;
}

/** Scalars are sums over the batch. */
export interface Passage {
  /** The decoder's input, [batch, latentDim]. */
  readonly latent: tf.Tensor2D;
  /** KL(q(z|x) || p(z)), nats. */
  readonly kl: tf.Scalar;
  /** What training adds to the reconstruction, weighted by beta: the KL itself, or the commitment to the codes. */
  readonly penalty: tf.Scalar;
}

export interface CodeUse {
  /** Squared distance of the encoder's outputs from their codes, per image. */
  readonly commitment: number;
  /** exp of the entropy of the codes' frequencies. */
  readonly perplexity: number;
  /** Codes that occurred. */
  readonly used: number;
}

export type CreateBottleneck = (spec: ModelSpec, seed: string) => Bottleneck;
