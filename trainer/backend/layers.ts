// A layer as one operation: product, bias and ReLU forward, and a gradient that masks what flows back once. By tfjs's own
// operations that is three forward and six back, each with bookkeeping of its own, and two more passes over memory.

import * as tf from "@tensorflow/tfjs";
import { conv2d, conv2dBackpropInput } from "./conv2d.ts";
import type { TrainKernels } from "./kernel-module.ts";
import { applyEpilogue, matMul } from "./matmul.ts";
import { type Inputs, overrideKernel } from "./override.ts";
import { LEAKY_RELU } from "./pointwise.ts";

export const LAYER = "Layer";

type Pair = [number, number];
type Shape4 = [number, number, number, number];
type Shaped = { readonly shape: readonly number[] };

const KINDS = { Dense: "dense", Conv2D: "conv2d", Conv2DTranspose: "conv2dTranspose" } as const;

/** What a layer computes: activation(product of x and weights + bias), convolutions with "same" padding. */
export interface LayerOperation {
  readonly kind: (typeof KINDS)[keyof typeof KINDS];
  /** By which the activation multiplies what is below 0: 1 is linear, 0 ReLU, anything between a leaky ReLU. */
  readonly slope: number;
  /** Of convolutions. */
  readonly strides: readonly [number, number];
}

export type LayerInputs = Readonly<Record<"x" | "weights" | "bias", tf.Tensor>>;

/** What a layer of tfjs is as an operation; undefined if it has to be applied by tfjs. */
const operations = new WeakMap<tf.layers.Layer, LayerOperation | undefined>();

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
        attributes as unknown as LayerOperation,
      ),
  });
}

/** A layer's output, by one kernel if the current backend has it for this layer, else by tfjs. */
export function applyLayer(layer: tf.layers.Layer, x: tf.Tensor): tf.Tensor {
  if (!isFused()) return layer.apply(x) as tf.Tensor;
  if (!operations.has(layer)) operations.set(layer, operationOf(layer));
  const operation = operations.get(layer);
  if (!operation) return layer.apply(x) as tf.Tensor;
  const [weights, bias] = layer.trainableWeights.map((weight) => weight.read());
  return runOperation(operation, { x, weights: weights!, bias: bias! });
}

/** The same for a layer that is not one of tfjs's. */
export function runOperation(operation: LayerOperation, inputs: LayerInputs): tf.Tensor {
  if (isFused()) return run(LAYER, inputs, operation);
  const sums = tf.add(product(operation, inputs), inputs.bias);
  if (operation.slope === 1) return sums;
  return operation.slope === 0 ? tf.relu(sums) : tf.leakyRelu(sums, operation.slope);
}

function isFused(): boolean {
  return tf.getKernel(LAYER, tf.getBackend()) !== undefined;
}

function product({ kind, strides }: LayerOperation, { x, weights }: LayerInputs): tf.Tensor {
  const [images, filter, steps] = [x as tf.Tensor4D, weights as tf.Tensor4D, [...strides] as Pair];
  switch (kind) {
    case "dense":
      return tf.matMul(x, weights);
    case "conv2d":
      return tf.conv2d(images, filter, steps, "same");
    case "conv2dTranspose":
      return tf.conv2dTranspose(images, filter, shapeBefore(strides, x, weights), steps, "same");
  }
}

/** What a convolution with these strides and weights makes images like `x` of. */
function shapeBefore([strideY, strideX]: LayerOperation["strides"], x: Shaped, weights: Shaped): Shape4 {
  const [count, height, width] = x.shape as Shape4;
  return [count, height * strideY, width * strideX, weights.shape[2]!];
}

function operationOf(layer: tf.layers.Layer): LayerOperation | undefined {
  const kind = KINDS[layer.getClassName() as keyof typeof KINDS];
  const { activation, useBias, ...config } = layer.getConfig();
  if (!kind || !useBias || (activation !== "relu" && activation !== "linear")) return undefined;
  const isPlain =
    config.padding === "same" && config.dataFormat === "channelsLast" && isOne(config.dilationRate ?? 1);
  if (kind !== "dense" && !isPlain) return undefined;
  return { kind, slope: activation === "relu" ? 0 : 1, strides: (config.strides ?? [1, 1]) as Pair };
}

function isOne(dilation: unknown): boolean {
  return [dilation].flat().every((rate) => rate === 1);
}

/** As tfjs's kernels take a convolution. */
function convolutionOf({ strides }: LayerOperation) {
  return { strides: [...strides] as Pair, pad: "same", dataFormat: "NHWC", dilations: 1 } as const;
}

function forward(
  kernels: TrainKernels,
  inputs: Inputs<"x" | "weights" | "bias">,
  operation: LayerOperation,
): tf.TensorInfo | undefined {
  const { slope } = operation;
  const out = biased(kernels, inputs, operation, slope === 0 ? "relu" : "linear");
  if (out && slope !== 0 && slope !== 1) {
    const at = kernels.address(out);
    kernels.module.leakyRelu(at, at, tf.util.sizeFromShape(out.shape), slope, at);
  }
  return out;
}

function biased(
  kernels: TrainKernels,
  { x, weights, bias }: Inputs<"x" | "weights" | "bias">,
  operation: LayerOperation,
  activation: "relu" | "linear",
): tf.TensorInfo | undefined {
  const convolution = convolutionOf(operation);
  switch (operation.kind) {
    case "dense": {
      const attributes = { transposeA: false, transposeB: false, activation };
      return matMul(kernels, { a: x, b: weights, bias }, attributes);
    }
    case "conv2d":
      return conv2d(kernels, { x, filter: weights, bias }, { ...convolution, activation });
    case "conv2dTranspose": {
      const inputShape = shapeBefore(operation.strides, x, weights);
      const out = conv2dBackpropInput(kernels, { dy: x, filter: weights }, { ...convolution, inputShape });
      if (out) applyEpilogue(kernels, { inputs: { bias }, attrs: { activation } }, out);
      return out;
    }
  }
}

function gradients(
  dy: tf.Tensor,
  [x, weights, y]: [tf.Tensor, tf.Tensor, tf.Tensor],
  operation: LayerOperation,
): Record<"x" | "weights" | "bias", () => tf.Tensor> {
  const { kind, slope } = operation;
  const convolution = convolutionOf(operation);
  // The output is below 0 where the sum was.
  const upstream = slope === 1 ? dy : run(LEAKY_RELU, { x: y, upstream: dy }, { slope });
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
