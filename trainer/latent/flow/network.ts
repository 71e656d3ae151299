// Planned layers and small networks as tfjs operations on named variables.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, uniform } from "../../../shared/arithmetic/random.ts";
import { noiseOf } from "../../../shared/decoder/noise.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import type { AnyPlannedLayer } from "../../../shared/model/layers.ts";
import { activationOf, size, type WeightSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { runOperation } from "../../backend/layers.ts";
import { silu } from "../../backend/ops.ts";
import { loadWeights } from "../../model/vae.ts";

export type Variables = ReadonlyMap<string, tf.Variable>;

/** Weights as PyTorch starts its layers: U(-b, b) with b = 1 / sqrt(fan-in), kernels and biases alike. */
export function createVariables(specs: readonly WeightSpec[], seed: string): Map<string, tf.Variable> {
  return variablesFrom(specs, initialWeights(specs, seed));
}

export function variablesFrom(specs: readonly WeightSpec[], weights: Weights): Map<string, tf.Variable> {
  const variables = new Map(
    specs.map(({ name, shape }) => [name, tf.tidy(() => tf.variable(tf.zeros([...shape])))]),
  );
  loadWeights(variables, weights);
  return variables;
}

function initialWeights(specs: readonly WeightSpec[], seed: string): Weights {
  let bound = 1;
  return new Map(
    specs.map(({ name, shape }) => {
      // A bias follows its kernel.
      if (shape.length > 1) bound = 1 / Math.sqrt(size(shape.slice(0, -1)));
      const next = createGenerator(`${seed}/${name}`);
      return [name, Float32Array.from({ length: size(shape) }, () => (2 * uniform(next) - 1) * bound)];
    }),
  );
}

export function weightsOf(plan: readonly AnyPlannedLayer[]): readonly WeightSpec[] {
  return plan.flatMap(({ weights }) => weights);
}

/**
 * The output of a stack, [batch, ...]; a final sigmoid is left out.
 * @param grains  of the examples, for noise layers; without, they are all 0
 */
export function runLayers(
  plan: readonly AnyPlannedLayer[],
  variables: Variables,
  input: tf.Tensor,
  grains?: ArrayLike<number>,
): tf.Tensor {
  return plan.reduce((x, planned, index) => {
    if (planned.layer.kind === "noise") return addNoise(planned, index, x, grains);
    return runLayer(planned, variables, x);
  }, input);
}

/** Images with a noise layer's channels after their own. */
function addNoise(
  { input, output }: AnyPlannedLayer,
  index: number,
  x: tf.Tensor,
  grains?: ArrayLike<number>,
) {
  const [count, [height, width, channels]] = [x.shape[0]!, input];
  const planes = output[2] - channels;
  const noise = new Float32Array(count * height * width * planes);
  for (let i = 0; grains && i < count; i++) {
    noise.set(noiseOf(grains[i]!, index, height * width, planes), i * height * width * planes);
  }
  return tf.concat([x, tf.tensor4d(noise, [count, height, width, planes])], 3);
}

function runLayer({ layer, name, output }: AnyPlannedLayer, variables: Variables, x: tf.Tensor): tf.Tensor {
  const batch = x.shape[0]!;
  const slope = activationOf(layer) === "relu" ? 0 : 1;
  switch (layer.kind) {
    case "dense":
      return dense(variables, name, x, slope);
    case "silu": {
      const y = silu(dense(variables, name, x));
      return layer.isResidual ? tf.add(x, y) : y;
    }
    case "noise":
      throw new TypeError("noise layers have no weights");
    case "flatten":
      return tf.reshape(x, [batch, output[2]]);
    case "reshape":
      return tf.reshape(x, [batch, ...output]);
    case "conv2d":
      return conv(variables, name, x, layer.stride, slope);
    case "conv2dTranspose":
      return convTranspose(variables, name, x, layer.stride, slope);
  }
}

export function denseSpecs(name: string, inputs: number, units: number): WeightSpec[] {
  return [
    { name: `${name}/kernel`, shape: [inputs, units] },
    { name: `${name}/bias`, shape: [units] },
  ];
}

export function convSpecs(name: string, side: number, inputs: number, filters: number): WeightSpec[] {
  return [
    { name: `${name}/kernel`, shape: [side, side, inputs, filters] },
    { name: `${name}/bias`, shape: [filters] },
  ];
}

/**
 * x W + b; x is [batch, inputs].
 * @param slope  of the activation below 0: 1 is linear, 0 ReLU, anything between a leaky ReLU
 */
export function dense(variables: Variables, name: string, x: tf.Tensor, slope = 1): tf.Tensor2D {
  return runOperation({ kind: "dense", slope, strides: [1, 1] }, inputsOf(variables, name, x)) as tf.Tensor2D;
}

/** A convolution with "same" padding, and bias; x is [batch, height, width, inputs]. @param slope  as of `dense` */
export const conv = convolutionOf("conv2d");

/** A transposed convolution, its images `stride` times as large, otherwise like `conv`. */
export const convTranspose = convolutionOf("conv2dTranspose");

function convolutionOf(kind: "conv2d" | "conv2dTranspose") {
  return (variables: Variables, name: string, x: tf.Tensor, stride: number, slope = 1) =>
    runOperation({ kind, slope, strides: [stride, stride] }, inputsOf(variables, name, x)) as tf.Tensor4D;
}

function inputsOf(variables: Variables, name: string, x: tf.Tensor) {
  return { x, weights: variables.get(`${name}/kernel`)!, bias: variables.get(`${name}/bias`)! };
}

export function oneHot(labels: ArrayLike<number>, depth: number): tf.Tensor2D {
  const rows = new Float32Array(labels.length * depth);
  for (let i = 0; i < labels.length; i++) rows[i * depth + labels[i]!] = 1;
  return tf.tensor2d(rows, [labels.length, depth]);
}

/** Mean -log softmax(scores) at the labels. */
export function crossEntropy(scores: tf.Tensor2D, labels: Uint8Array, smoothing = 0): tf.Scalar {
  return tf.losses.softmaxCrossEntropy(oneHot(labels, CLASSES), scores, undefined, smoothing) as tf.Scalar;
}
