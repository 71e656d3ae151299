// Loss and gradients of one training step by tfjs's operations on a backend, and how far two such steps differ.

import * as tf from "@tensorflow/tfjs";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { type BackendName, selectBackend } from "../../../trainer/backend/registry.ts";
import { kindOf } from "../../../trainer/latent/kind.ts";
import { runStack } from "../../../trainer/model/dropout.ts";
import { LIKELIHOODS } from "../../../trainer/model/likelihood.ts";
import { openStep } from "../../../trainer/model/step.ts";
import { buildVae, loadWeights, readWeights } from "../../../trainer/model/vae.ts";
import { plainOptions } from "../../../trainer/objectives/options.ts";
import { negativeElbo } from "../../../trainer/objectives/vae.ts";

export interface Step {
  /** Summed over the batch. */
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

export interface StepInput {
  readonly spec: ModelSpec;
  readonly seed: string;
  /** Other weights than the seed's. */
  readonly weights?: Weights;
  /** [batch, 28, 28, 1]. */
  readonly images: Float32Array;
  /** [batch, the bottleneck's noiseDim]. */
  readonly noise: Float32Array;
  readonly beta: number;
}

export async function hostStep(
  backend: BackendName,
  { spec, seed, weights, images, noise, beta }: StepInput,
): Promise<Step> {
  await selectBackend(backend);
  const vae = buildVae(spec, seed, kindOf(spec).createBottleneck);
  if (weights) loadWeights(vae.variables, weights);
  const batch = tf.tensor4d(images, [images.length / 784, 28, 28, 1]);
  const digits = new Uint8Array(batch.shape[0]);
  tf.tidy(() => vae.bottleneck.start?.(runStack(vae.encoder, batch) as tf.Tensor2D));
  const { value, grads } = tf.variableGrads(() => {
    const draws = tf.tensor2d(noise, [batch.shape[0], vae.bottleneck.noiseDim]);
    const training = { rate: 0, seed };
    const weights = { options: plainOptions, beta, trainingCount: 1, likelihood: LIKELIHOODS.bernoulli };
    const { loss } = negativeElbo(
      openStep(vae, { inputs: batch, targets: batch, digits }, draws, weights, training),
    );
    return loss;
  }, [...vae.variables.values()]);
  const gradients = await readWeights(
    new Map([...vae.variables].map(([name, { name: key }]) => [name, grads[key]!])),
  );
  const [loss] = await value.data();
  tf.dispose([batch, value, grads]);
  vae.dispose();
  return { loss: loss!, gradients };
}

/** Of the loss, relative, and the largest of any gradient, relative to the largest of its tensor. */
export function difference(
  { loss, gradients }: Step,
  reference: Step,
): { loss: number; gradient: number; tensors: number } {
  const worst = [...reference.gradients].map(([name, expected]) => {
    const found = gradients.get(name)!;
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0) / scale;
  });
  return {
    loss: Math.abs(loss / reference.loss - 1),
    gradient: worst.some(Number.isNaN) ? Number.NaN : Math.max(...worst),
    tensors: worst.length,
  };
}
