// Latents to pixels: for the Worker's routes, a release's measurements and a card's golden digests alike.

import { ArgumentError } from "../errors.ts";
import type { Digit } from "../image/raster.ts";
import { latentDim } from "../latent/kind.ts";
import { outputActivation, planDecoder } from "../model/plan.ts";
import { hasNoise, type ModelSpec } from "../model/spec.ts";
import type { StoredWeights } from "../model/weights.ts";
import { createNetwork } from "./network.ts";
import { grainOf } from "./noise.ts";

/**
 * Latents decoded at once by default: enough for positions to fill the kernels' tiles in every layer,
 * few enough for the activations of the `cnn` preset to stay in the L2 cache.
 */
const MAX_BATCH = 12;

/** Results are copies; any number of latents may be given. */
export interface Decoder {
  /** Latents, float32 [count, latentDim], to logits without noise, float32 [count, height * width]. */
  readonly logits: (latents: Float32Array) => Float32Array;
  /** Latent, float32 [latentDim], to a digit. Where there are layers of noise, the grain of it may follow (noise.ts). */
  readonly image: (latent: Float32Array) => Digit;
  /** The same for many latents, which is faster than one by one if layers are dense. */
  readonly images: (latents: readonly Float32Array[]) => Digit[];
  /** Memory in use: weights, activations and tables. */
  readonly bytes: number;
}

/**
 * Creates a model's decoder.
 * @param module  build/decode-kernels.wasm, compiled
 * @param weights  of the decoder's layers, quantized or not
 * @throws SpecError, WeightsError
 */
export function createDecoder(
  module: WebAssembly.Module,
  spec: ModelSpec,
  weights: StoredWeights,
  { maxBatch = MAX_BATCH }: { readonly maxBatch?: number } = {},
): Decoder {
  const network = createNetwork(module, planDecoder(spec), weights, maxBatch);
  const [height, width] = spec.input;
  const dim = latentDim(spec);
  const grained = dim + (hasNoise(spec) ? 1 : 0);
  const activation = outputActivation(spec);
  const size = network.output.length / maxBatch;

  const images = (latents: readonly Float32Array[]): Digit[] => {
    const result: Digit[] = [];
    for (let start = 0; start < latents.length; start += maxBatch) {
      const batch = latents.slice(start, start + maxBatch);
      batch.forEach((latent, index) => {
        checkLatents(latent, dim, latent.length === dim || latent.length === grained);
        network.input.set(latent.subarray(0, dim), index * dim);
        network.grains[index] = grainOf(latent, dim);
      });
      network.run(batch.length);
      const pixels = network.pixels(batch.length, activation);
      for (let i = 0; i < batch.length; i++) {
        const copy = <T extends { slice(start: number, end: number): T }>(of: T) =>
          of.slice(i * size, (i + 1) * size);
        result.push({ width, height, pixels: copy(pixels), logits: copy(network.output) });
      }
    }
    return result;
  };

  return {
    logits: (latents) => {
      checkLatents(latents, dim, latents.length % dim === 0);
      const count = latents.length / dim;
      const result = new Float32Array(count * size);
      network.grains.fill(0);
      for (let start = 0; start < count; start += maxBatch) {
        const batch = Math.min(maxBatch, count - start);
        network.input.set(latents.subarray(start * dim, (start + batch) * dim));
        network.run(batch);
        result.set(network.output.subarray(0, batch * size), start * size);
      }
      return result;
    },
    image: (latent) => images([latent])[0]!,
    images,
    bytes: network.input.buffer.byteLength,
  };
}

function checkLatents(values: Float32Array, dim: number, isRight: boolean): void {
  if (isRight) return;
  throw new ArgumentError(`a latent has ${dim} numbers; found ${values.length}`);
}
