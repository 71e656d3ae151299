// The plain executor of a ModelSpec's layers: it *defines* the arithmetic of scheme s1, and is the oracle
// that faster ones are tested against. Written for clarity; about 4 ms for one digit of the `cnn` preset.
//
// s1, for every output of a layer with weights:
//   - four partial sums start at +0; the term of input channel c (for dense layers, input c) goes to partial
//     c mod 4. Terms come by input row, then input column, then channel, ascending. Every product is rounded to
//     float32, then every sum is.
//   - result = ((p0 + p1) + (p2 + p3)) + bias; relu is max(result, 0); silu is result * sigmoid(result), to which a
//     residual layer adds its input.
// Taps outside the image are skipped, which gives the same bits as zero padding. Four-lane SIMD can keep this
// order with lanes over outputs as well as with lanes over input channels.

import { sigmoidFloat32 } from "../arithmetic/transcendental.ts";
import { WeightsError } from "../errors.ts";
import { latentDim } from "../latent/kind.ts";
import type { AnyPlannedLayer } from "../model/layers.ts";
import { outputActivation, planDecoder } from "../model/plan.ts";
import { type ModelSpec, type OutputActivation, paddingBefore, size } from "../model/spec.ts";
import type { Weights } from "../model/weights.ts";
import type { Decoder } from "./decoder.ts";
import { grainOf, noiseOf } from "./noise.ts";

const { fround } = Math;
const SLOPE = fround(0.2);

/**
 * Runs a planned encoder or decoder on one example, by scheme s1.
 * @param input  float32, as many numbers as the first layer's input has
 * @param grain  of the noise layers
 * @returns the last layer's output before its activation if that makes pixels: [mu, logVar] of an encoder, logits of a decoder
 */
export function runReference(
  plan: readonly AnyPlannedLayer[],
  weights: Weights,
  input: Float32Array,
  grain = 0,
): Float32Array {
  return plan.reduce((activations, planned, index) => {
    if (planned.layer.kind === "noise") return addNoise(planned, activations, grain, index);
    return runLayer(planned, weights, activations);
  }, input);
}

/**
 * Pixel = activation(logit) * 255 rounded half up, in float32 arithmetic (scheme s1); hardSigmoid(x) is 0.2 x + 0.5, both
 * rounded, between 0 and 1.
 */
export function pixelsFromLogits(logits: Float32Array, activation: OutputActivation): Uint8Array {
  const activate = activation === "sigmoid" ? sigmoidFloat32 : hardSigmoidFloat32;
  return Uint8Array.from(logits, (logit) => fround(fround(activate(logit) * 255) + 0.5));
}

function hardSigmoidFloat32(x: number): number {
  return Math.min(Math.max(fround(fround(SLOPE * x) + 0.5), 0), 1);
}

/**
 * Like createDecoder, without WebAssembly and fifty times slower.
 * @throws SpecError
 */
export function createReferenceDecoder(spec: ModelSpec, weights: Weights): Decoder {
  const plan = planDecoder(spec);
  const [height, width] = spec.input;
  const dim = latentDim(spec);
  const activation = outputActivation(spec);
  const logits = (latents: Float32Array) => {
    const count = latents.length / dim;
    const each = Array.from({ length: count }, (_, i) =>
      runReference(plan, weights, latents.subarray(i * dim, (i + 1) * dim)),
    );
    return Float32Array.from(each.flatMap((values) => [...values]));
  };
  const image = (latent: Float32Array) => {
    const values = runReference(plan, weights, latent.subarray(0, dim), grainOf(latent, dim));
    return { width, height, pixels: pixelsFromLogits(values, activation), logits: values };
  };
  const bytes = [...weights.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { logits, image, images: (latents) => latents.map(image), bytes };
}

/** An output position's window: which input pixels meet which kernel pixels. */
interface Tap {
  /** Index of the input pixel's first channel. */
  readonly input: number;
  /** ky * kernel + kx. */
  readonly kernel: number;
}

/** Pixels with a noise layer's channels after their own. */
function addNoise(
  { input, output }: AnyPlannedLayer,
  activations: Float32Array,
  grain: number,
  index: number,
) {
  const [channels, all] = [input[2], output[2]];
  const places = input[0] * input[1];
  const noise = noiseOf(grain, index, places, all - channels);
  const result = new Float32Array(size(output));
  for (let place = 0; place < places; place++) {
    result.set(activations.subarray(place * channels, (place + 1) * channels), place * all);
    result.set(
      noise.subarray(place * (all - channels), (place + 1) * (all - channels)),
      place * all + channels,
    );
  }
  return result;
}

function runLayer(planned: AnyPlannedLayer, weights: Weights, input: Float32Array): Float32Array {
  const { layer, output } = planned;
  if (layer.kind === "flatten" || layer.kind === "reshape" || layer.kind === "noise") return input;
  const [kernel, bias] = planned.weights.map(({ name }) => tensor(weights, name)) as [
    Float32Array,
    Float32Array,
  ];
  const [inputs, outputs] = [planned.input[2], output[2]];
  // Strides of a kernel's two channel axes: transposed convolutions keep [out, in], the others [in, out].
  const [inputStep, outputStep] = layer.kind === "conv2dTranspose" ? [1, inputs] : [outputs, 1];
  const result = new Float32Array(size(output));
  const partial = new Float32Array(4);
  for (let y = 0, at = 0; y < output[0]; y++) {
    for (let x = 0; x < output[1]; x++) {
      const taps = windowAt(planned, y, x);
      for (let o = 0; o < outputs; o++, at++) {
        partial.fill(0);
        for (const tap of taps) {
          let w = tap.kernel * inputs * outputs + o * outputStep;
          for (let c = 0; c < inputs; c++, w += inputStep) {
            partial[c & 3]! += fround(input[tap.input + c]! * kernel[w]!);
          }
        }
        const sum = fround(fround(partial[0]! + partial[1]!) + fround(partial[2]! + partial[3]!));
        const value = fround(sum + bias[o]!);
        if (layer.kind === "silu") {
          const activated = fround(value * sigmoidFloat32(value));
          result[at] = layer.isResidual ? fround(input[o]! + activated) : activated;
        } else {
          result[at] = layer.activation === "relu" && !(value > 0) ? 0 : value;
        }
      }
    }
  }
  return result;
}

/** The taps of output pixel (y, x) that lie inside the input, by input row, then column. */
function windowAt({ layer, input, output }: AnyPlannedLayer, y: number, x: number): readonly Tap[] {
  if (layer.kind !== "conv2d" && layer.kind !== "conv2dTranspose") return [{ input: 0, kernel: 0 }];
  const { kernel, stride } = layer;
  const isTransposed = layer.kind === "conv2dTranspose";
  /** Kernel position that connects an input and an output coordinate along one axis. */
  const kernelAt = (i: number, o: number, axis: 0 | 1) => {
    const [large, small] = isTransposed ? [output[axis], input[axis]] : [input[axis], output[axis]];
    const before = paddingBefore(large, small, kernel, stride);
    return isTransposed ? o + before - i * stride : i + before - o * stride;
  };
  const taps: Tap[] = [];
  for (let iy = 0; iy < input[0]; iy++) {
    const ky = kernelAt(iy, y, 0);
    if (ky < 0 || ky >= kernel) continue;
    for (let ix = 0; ix < input[1]; ix++) {
      const kx = kernelAt(ix, x, 1);
      if (kx < 0 || kx >= kernel) continue;
      taps.push({ input: (iy * input[1] + ix) * input[2], kernel: ky * kernel + kx });
    }
  }
  return taps;
}

function tensor(weights: Weights, name: string): Float32Array {
  const values = weights.get(name);
  if (!values) throw new WeightsError(`the weights lack "${name}"`);
  return values;
}
