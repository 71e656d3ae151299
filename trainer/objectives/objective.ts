// What a VAE is trained by. An objective is a file here with its paper at the head and an object that satisfies Objective;
// objectives.ts looks it up by name, and the training loop knows none of them.

import type * as tf from "@tensorflow/tfjs";
import type { ModelSpec } from "../../shared/model/spec.ts";
import type { BottleneckOutput, Posterior } from "../model/bottleneck.ts";
import type { Vae } from "../model/vae.ts";
import type { ObjectiveOption, ObjectiveOptions } from "./options.ts";

export interface Objective {
  /** In a few words, for --help. */
  readonly summary: string;
  /** The options that it takes; others of objectiveOptions are refused. */
  readonly takes: readonly ObjectiveOption[];
  /** Whether the engine of backend webgpu trains by it. */
  readonly isInEngine?: boolean;
  /** Latents drawn for each image in a training step; one by default. */
  readonly draws?: (options: ObjectiveOptions) => number;
  /** Whether an image's latent is the mean of q(z|x), without noise. */
  readonly isDeterministic?: boolean;
  /** The model that it trains, where that is not the preset's. */
  readonly adapt?: (spec: ModelSpec) => ModelSpec;
  /** Changes the initial weights. */
  readonly prepare?: (vae: Vae) => void;
  /** What a training step minimises. */
  readonly loss: (step: Step) => Terms;
  /** What is reported of held-out images; by default the parts of the negative ELBO. */
  readonly validate?: (step: Step) => Omit<Terms, "loss">;
}

/** A batch on its way through the model. Scalars are sums over the batch, in nats. */
export interface Step {
  readonly options: ObjectiveOptions;
  /** The weight that the KL has in this step: `options.beta`, less in a warm-up. */
  readonly beta: number;
  /** Images in the batch. */
  readonly count: number;
  /** Images in the training set. */
  readonly trainingCount: number;
  /** Draws from N(0, 1), [count * draws, noiseDim], those of an image one after the other. */
  readonly noise: tf.Tensor2D;
  /** A draw for each image, by the kind of latent. */
  readonly draw: () => BottleneckOutput;
  /** q(z|x) of each image, where the latent is Gaussian. */
  readonly posterior: () => Posterior;
  /** -log p(x|z) of a latent for each image, [count, latentDim], summed. */
  readonly reconstruct: (latents: tf.Tensor2D) => tf.Scalar;
  /** -log p(x|z) of several latents for each image, [count * draws, latentDim]: [count, draws]. */
  readonly reconstructEach: (latents: tf.Tensor2D, draws: number) => tf.Tensor2D;
  readonly decoderWeights: readonly tf.Variable[];
}

/** Scalars, summed over the batch. */
export interface Terms {
  /** What is minimised. */
  readonly loss: tf.Scalar;
  /** -log p(x|z), for reports. */
  readonly reconstruction: tf.Scalar;
  /** KL(q(z|x) || p(z)), for reports. */
  readonly kl: tf.Scalar;
}
