// A layer as one operation: product, bias and ReLU forward, and a gradient that masks what flows back once. By tfjs's own
// operations that is three forward and six back, each with bookkeeping of its own, and two more passes over memory.

import * as tf from "@tensorflow/tfjs";
import { conv2d, conv2dBackpropInput } from "./conv2d.ts";
import type { TrainKernels } from "./kernel-module.ts";
import { applyEpilogue, matMul } from "./matmul.ts";
import { type Inputs, overrideKernel } from "./override.ts";
import { LEAKY_RELU } from "./pointwise.ts";

export const LAYER = "Layer";

type Shape4 = [number, number, number, number];

const KINDS = { Dense: "dense", Conv2D: "conv2d", Conv2DTranspose: "conv2dTranspose" } as const;

interface LayerAttributes {
  readonly kind: (typeof KINDS)[keyof typeof KINDS];
  readonly activation: "relu" | "linear";
  /** Of a convolution, as tfjs's kernels take it. */
  readonly convolution: {
    readonly strides: [number, number];
    readonly pad: "same";
    readonly dataFormat: "NHWC";
    readonly dilations: 1;
  };
}

/** What a layer of tfjs is as an operation; undefined if it has to be applied by tfjs. */
const operations = new WeakMap<tf.layers.Layer, LayerAttributes | undefined>();

export function registerLayers(kernels: TrainKernels): void {
  overrideKernel(kernels, LAYER, forward);
  tf.registerGradient({
    kernelName: LAYER,
    inputsToSave: ["x", "weights"],
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) =>
      gradients(
        dy as tf.Tensor,
        saved as [tf.Tensor, tf.Tensor, tf.Tensor],
        attributes as unknown as LayerAttributes,
      ),
  });
}

/** A layer's output, by one kernel if the current backend has it for this layer, else by tfjs. */
export function applyLayer(layer: tf.layers.Layer, x: tf.Tensor): tf.Tensor {
  if (!tf.getKernel(LAYER, tf.getBackend())) return layer.apply(x) as tf.Tensor;
  if (!operations.has(layer)) operations.set(layer, operationOf(layer));
  const attributes = operations.get(layer);
  if (!attributes) return layer.apply(x) as tf.Tensor;
  const [weights, bias] = layer.trainableWeights.map((weight) => weight.read());
  const inputs = { x, weights: weights!, bias: bias! };
  return tf.engine().runKernel(LAYER, inputs, attributes as unknown as tf.NamedAttrMap) as tf.Tensor;
}

function operationOf(layer: tf.layers.Layer): LayerAttributes | undefined {
  const kind = KINDS[layer.getClassName() as keyof typeof KINDS];
  const { activation, useBias, ...config } = layer.getConfig();
  if (!kind || !useBias || (activation !== "relu" && activation !== "linear")) return undefined;
  const isPlain =
    config.padding === "same" && config.dataFormat === "channelsLast" && isOne(config.dilationRate ?? 1);
  if (kind !== "dense" && !isPlain) return undefined;
  const strides = (config.strides ?? [1, 1]) as [number, number];
  return { kind, activation, convolution: { strides, pad: "same", dataFormat: "NHWC", dilations: 1 } };
}

function isOne(dilation: unknown): boolean {
  return [dilation].flat().every((rate) => rate === 1);
}

function forward(
  kernels: TrainKernels,
  { x, weights, bias }: Inputs<"x" | "weights" | "bias">,
  { kind, activation, convolution }: LayerAttributes,
): tf.TensorInfo | undefined {
  switch (kind) {
    case "dense": {
      const attributes = { transposeA: false, transposeB: false, activation };
      return matMul(kernels, { a: x, b: weights, bias }, attributes);
    }
    case "conv2d":
      return conv2d(kernels, { x, filter: weights, bias }, { ...convolution, activation });
    case "conv2dTranspose": {
      const [count, height, width] = x.shape as [number, number, number];
      const [strideY, strideX] = convolution.strides;
      const inputShape: Shape4 = [count, height * strideY, width * strideX, weights.shape[2]!];
      const out = conv2dBackpropInput(kernels, { dy: x, filter: weights }, { ...convolution, inputShape });
      if (out) applyEpilogue(kernels, { inputs: { bias }, attrs: { activation } }, out);
      return out;
    }
  }
}

function gradients(
  dy: tf.Tensor,
  [x, weights, y]: [tf.Tensor, tf.Tensor, tf.Tensor],
  { kind, activation, convolution }: LayerAttributes,
): Record<"x" | "weights" | "bias", () => tf.Tensor> {
  const upstream = activation === "relu" ? run(LEAKY_RELU, { x: y, upstream: dy }, { slope: 0 }) : dy;
  const axis = upstream.shape.slice(1).map((_, i) => i);
  const bias = () => run(tf.Sum, { x: upstream }, { axis, keepDims: false });
  const [inputShape, filterShape] = [x.shape, weights.shape];
  switch (kind) {
    case "dense":
      return {
        x: () => run(tf.BatchMatMul, { a: upstream, b: weights }, { transposeA: false, transposeB: true }),
        weights: () => run(tf.BatchMatMul, { a: x, b: upstream }, { transposeA: true, transposeB: false }),
        bias,
      };
    case "conv2d":
      return {
        x: () =>
          run(tf.Conv2DBackpropInput, { dy: upstream, filter: weights }, { ...convolution, inputShape }),
        weights: () => run(tf.Conv2DBackpropFilter, { x, dy: upstream }, { ...convolution, filterShape }),
        bias,
      };
    case "conv2dTranspose":
      return {
        x: () => run(tf.Conv2D, { x: upstream, filter: weights }, convolution),
        weights: () => run(tf.Conv2DBackpropFilter, { x: upstream, dy: x }, { ...convolution, filterShape }),
        bias,
      };
  }
}

function run(kernel: string, inputs: tf.NamedTensorMap, attributes: object): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;
}
