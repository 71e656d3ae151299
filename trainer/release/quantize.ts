// Float weights to uint8, one affine range per tensor as tfjs stores them. Rounding each weight to the nearest step costs
// the MLP decoder 0.35 nat; here the error of each rounding is compensated by the weights that are rounded later, in
// proportion to the correlation of their inputs, so that the layer's output hardly changes (GPTQ: Frantar et al. 2023,
// https://arxiv.org/abs/2210.17323). The remaining error of the mean goes into the bias, which stays float32.

import { runReference } from "../../shared/decoder/reference.ts";
import type { PlannedLayer } from "../../shared/model/layers.ts";
import { paddingBefore } from "../../shared/model/spec.ts";
import {
  dequantize,
  isQuantized,
  type QuantizedTensor,
  quantizeNearest,
  type StoredTensor,
  type StoredWeights,
  type Weights,
} from "../../shared/model/weights.ts";
import { inverseFactor } from "../math/linear-algebra.ts";

/** Input vectors per layer to estimate the covariance from. */
const MAX_SAMPLES = 6000;
/** Inputs whose rounding errors compensate each other; larger layers are split into blocks. */
const MAX_BLOCK = 512;
/** Share of the mean variance that is added to every variance, as in GPTQ. */
const DAMPING = 0.01;

/**
 * Quantizes a network layer by layer, each for the inputs that the preceding quantized layers produce.
 * @param inputs  typical inputs of the network, float32 [size of the first layer's input] each
 */
export function quantizeNetwork(
  plan: readonly PlannedLayer[],
  weights: Weights,
  inputs: readonly Float32Array[],
): StoredWeights {
  const stored = new Map<string, StoredTensor>();
  const readBack = new Map<string, Float32Array>();
  let activations = inputs;
  for (const planned of plan) {
    const [kernelSpec, biasSpec] = planned.weights;
    if (kernelSpec && biasSpec) {
      const kernel = weights.get(kernelSpec.name)!;
      const bias = weights.get(biasSpec.name)!.slice();
      const tensor = isQuantized(kernelSpec)
        ? roundWithFeedback(planned, kernel, inputVectors(planned, activations), bias)
        : kernel;
      stored.set(kernelSpec.name, tensor).set(biasSpec.name, bias);
      readBack.set(kernelSpec.name, dequantize(tensor)).set(biasSpec.name, bias);
    }
    // Every example has its own noise.
    activations = activations.map((input, i) => runReference([planned], readBack, input, i + 1));
  }
  return stored;
}

/**
 * Rounds a kernel, and corrects the bias by the mean change of the outputs.
 * @param samples  input vectors of the layer as a matrix, [inputs] each
 * @param bias  changed in place
 */
function roundWithFeedback(
  planned: PlannedLayer,
  kernel: Float32Array,
  samples: readonly Float32Array[],
  bias: Float32Array,
): QuantizedTensor {
  const { inputs, outputs, indexOf } = matrixOf(planned);
  // An output pixel of a transposed convolution sees a part of the kernel only, so the bias cannot compensate for it.
  const hasMeanInBias = planned.layer.kind !== "conv2dTranspose";
  const { mean, covariance } = statistics(samples, inputs, hasMeanInBias);
  const { min, scale } = quantizeNearest(planned.name, kernel);
  const values = new Uint8Array(kernel.length);
  if (scale === 0) return { values, scale, min };
  for (let from = 0; from < inputs; from += MAX_BLOCK) {
    const block = Math.min(MAX_BLOCK, inputs - from);
    // The inputs that vary most come first, so that the others can compensate for them.
    const order = Array.from({ length: block }, (_, i) => from + i).sort(
      (a, b) => covariance(b, b) - covariance(a, a),
    );
    const feedback = feedbackMatrix(order, covariance);
    for (let o = 0; o < outputs; o++) {
      const column = Float64Array.from(order, (i) => kernel[indexOf(i, o)]!);
      for (let i = 0; i < block; i++) {
        const at = indexOf(order[i]!, o);
        const q = Math.min(255, Math.max(0, Math.round((column[i]! - min) / scale)));
        values[at] = q;
        const rounded = q * scale + min;
        const error = (column[i]! - rounded) / feedback[i * block + i]!;
        for (let k = i + 1; k < block; k++) column[k]! -= error * feedback[i * block + k]!;
        if (hasMeanInBias) bias[o]! += (kernel[at]! - rounded) * mean[order[i]!]!;
      }
    }
  }
  return { values, scale, min };
}

/** A layer's kernel as a matrix from an input vector to outputs, and where in the kernel an element lies. */
function matrixOf({ layer, input, output }: PlannedLayer) {
  const [channels, filters] = [input[2], output[2]];
  if (layer.kind === "conv2dTranspose") {
    // [kh, kw, out, in]: every kernel position and filter is a separate output; filters vary fastest.
    const outputs = layer.kernel ** 2 * filters;
    return { inputs: channels, outputs, indexOf: (i: number, o: number) => o * channels + i };
  }
  const inputs = layer.kind === "conv2d" ? layer.kernel ** 2 * channels : channels;
  return { inputs, outputs: filters, indexOf: (i: number, o: number) => i * filters + o };
}

/** What the layer's kernel is multiplied by: pixels, vectors, or patches of a convolution. */
function inputVectors(planned: PlannedLayer, activations: readonly Float32Array[]): Float32Array[] {
  const { layer, input, output } = planned;
  const [height, width, channels] = input;
  const isPatch = layer.kind === "conv2d";
  const perExample = isPatch ? output[0] * output[1] : height * width;
  const every = strideFor(activations.length * perExample, perExample);
  const vectors: Float32Array[] = [];
  for (let index = 0; index < activations.length * perExample; index += every) {
    const example = activations[Math.floor(index / perExample)]!;
    const position = index % perExample;
    vectors.push(
      isPatch
        ? patchAt(planned, example, position)
        : example.subarray(position * channels, (position + 1) * channels),
    );
  }
  return vectors;
}

/**
 * Stride of the positions sampled out of `count`. It is coprime to the number of positions of an example, so that all of
 * these are sampled equally often, not only every second column.
 */
function strideFor(count: number, perExample: number): number {
  let every = Math.max(1, Math.ceil(count / MAX_SAMPLES));
  while (greatestCommonDivisor(every, perExample) > 1) every += 1;
  return every;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The window of a convolution's output position, [kernel, kernel, channels], zero outside the image. */
function patchAt(
  { layer, input, output }: PlannedLayer,
  image: Float32Array,
  position: number,
): Float32Array {
  if (layer.kind !== "conv2d") throw new TypeError(`${layer.kind} has no patches`);
  const [height, width, channels] = input;
  const { kernel, stride } = layer;
  const top = Math.floor(position / output[1]) * stride - paddingBefore(height, output[0], kernel, stride);
  const left = (position % output[1]) * stride - paddingBefore(width, output[1], kernel, stride);
  const patch = new Float32Array(kernel * kernel * channels);
  for (let ky = 0; ky < kernel; ky++) {
    for (let kx = 0; kx < kernel; kx++) {
      const [y, x] = [top + ky, left + kx];
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      const from = (y * width + x) * channels;
      patch.set(image.subarray(from, from + channels), (ky * kernel + kx) * channels);
    }
  }
  return patch;
}

/**
 * Mean and covariance of vectors; the covariance is computed within blocks of MAX_BLOCK inputs only.
 * @param isCentred  false computes second moments about zero instead
 */
function statistics(samples: readonly Float32Array[], inputs: number, isCentred: boolean) {
  const mean = new Float64Array(inputs);
  for (const sample of samples) for (let i = 0; i < inputs; i++) mean[i]! += sample[i]! / samples.length;
  const blocks: Float64Array[] = [];
  for (let from = 0; from < inputs; from += MAX_BLOCK) {
    const block = Math.min(MAX_BLOCK, inputs - from);
    const matrix = new Float64Array(block * block);
    for (const sample of samples) {
      const centred = Float64Array.from(
        { length: block },
        (_, i) => sample[from + i]! - (isCentred ? mean[from + i]! : 0),
      );
      for (let i = 0; i < block; i++) {
        const value = centred[i]! / samples.length;
        if (value !== 0) for (let k = i; k < block; k++) matrix[i * block + k]! += value * centred[k]!;
      }
    }
    blocks.push(matrix);
  }
  const covariance = (a: number, b: number) => {
    const [low, high] = a < b ? [a, b] : [b, a];
    const from = low - (low % MAX_BLOCK);
    return blocks[from / MAX_BLOCK]![(low - from) * Math.min(MAX_BLOCK, inputs - from) + (high - from)]!;
  };
  return { mean, covariance };
}

/** The upper Cholesky factor of the inverse covariance: row i says how later inputs compensate for an error of input i. */
function feedbackMatrix(
  order: readonly number[],
  covariance: (a: number, b: number) => number,
): Float64Array {
  const n = order.length;
  const damping = (DAMPING * order.reduce((sum, i) => sum + covariance(i, i), 0)) / n || 1;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++)
      matrix[i * n + k] = covariance(order[i]!, order[k]!) + (i === k ? damping : 0);
  }
  return inverseFactor(matrix, n);
}
