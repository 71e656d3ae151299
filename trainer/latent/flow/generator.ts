// Student and decoder as one network that draws images, from noise and from latents.

import * as tf from "@tensorflow/tfjs";
import type { FlowPlan } from "../../../shared/latent/flow/plan.ts";
import { outputActivation, planDecoder } from "../../../shared/model/plan.ts";
import type { ModelSpec, OutputActivation, WeightSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { pixelsOf } from "../../model/output.ts";
import { drawLatents } from "./flow-network.ts";
import { runLayers, type Variables, weightsOf } from "./network.ts";

/** The c of sigmoid(c x) that has the activation's slope at 0. */
const STEEPNESS: { readonly [name in OutputActivation]: number } = { sigmoid: 1, hardSigmoid: 0.8 };

/**
 * Beyond it, either way, a sigmoid has the slope that it has there, 3e-7. Logits of paper fall below -500 in training: their
 * slopes would be smaller than 1.2e-38, and processors are slow at such numbers.
 */
const STEEPEST = 15;

export interface ImageGenerator {
  readonly weights: readonly WeightSpec[];
  /** Standardised latents of noise, [batch, dim], without guidance: what it leaves out, critics cannot bring back. */
  readonly latents: (variables: Variables, noise: tf.Tensor2D, labels: Uint8Array) => tf.Tensor2D;
  /**
   * Images of standardised latents, [batch, height, width, 1], as they are served: whole 1/255s.
   * @param grains  of the noise; without, there is none
   */
  readonly decode: (variables: Variables, latents: tf.Tensor2D, grains?: ArrayLike<number>) => tf.Tensor4D;
  readonly dispose: () => void;
}

/** @param standard  mean and deviation of the decoder's latents, [dim] each */
export function createImageGenerator(
  spec: ModelSpec,
  flow: FlowPlan,
  standard: { readonly mean: Float32Array; readonly deviation: Float32Array },
): ImageGenerator {
  const decoder = planDecoder(spec);
  const [mean, deviation] = [tf.tensor1d(standard.mean), tf.tensor1d(standard.deviation)];
  const toPixels = servedPixels(spec);
  return {
    weights: [...weightsOf(flow.flow), ...weightsOf(decoder)],
    latents: (variables, noise, labels) =>
      drawLatents(flow, variables, noise, labels, new Float32Array(labels.length)),
    decode: (variables, latents, grains) => {
      const decoded = runLayers(decoder, variables, tf.add(tf.mul(latents, deviation), mean), grains);
      return toPixels(decoded as tf.Tensor4D);
    },
    dispose: () => tf.dispose([mean, deviation]),
  };
}

/**
 * What it starts from: the weights of student and decoder, the decoder's last layer such that the activation makes of its
 * logits nearly what the sigmoid of the first stage made of them.
 */
export function untunedWeights(spec: ModelSpec, first: Weights, student: Weights): Weights {
  const gain = 1 / STEEPNESS[outputActivation(spec)];
  const last = planDecoder(spec).findLast(({ weights }) => weights.length > 0)!;
  const stretched = last.weights.map(
    ({ name }) => [name, first.get(name)!.map((value) => gain * value)] as const,
  );
  return new Map([...first, ...student, ...stretched]);
}

/**
 * Logits to pixels, rounded to whole 1/255s. The gradient is that of a sigmoid as steep as the activation, before rounding:
 * it vanishes nowhere, so that pixels which are black or white can still learn.
 */
function servedPixels(spec: ModelSpec) {
  const steepness = STEEPNESS[outputActivation(spec)];
  return tf.customGrad((x, save) => {
    const logits = x as tf.Tensor;
    (save as tf.GradSaveFunc)([logits]);
    return {
      value: tf.div(tf.round(tf.mul(pixelsOf(spec, logits), 255)), 255),
      gradFunc: (dy, saved) => {
        const steep = tf.mul((saved as tf.Tensor[])[0]!, steepness);
        const soft = tf.sigmoid(tf.clipByValue(steep, -STEEPEST, STEEPEST));
        return tf.mul(dy, tf.mul(tf.mul(soft, tf.sub(1, soft)), steepness));
      },
    };
  }) as (logits: tf.Tensor4D) => tf.Tensor4D;
}
