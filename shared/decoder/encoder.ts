// Pixels to the distribution of a latent.

import { ArgumentError } from "../errors.ts";
import { planEncoder } from "../model/plan.ts";
import type { ModelSpec } from "../model/spec.ts";
import type { StoredWeights } from "../model/weights.ts";
import { createNetwork } from "./network.ts";

export interface Encoder {
  /** Pixels in [0, 1], float32 [height, width, channels], to a copy of [mu, logVar], float32 [2 * latentDim]. */
  readonly encode: (image: Float32Array) => Float32Array;
}

/**
 * Creates a model's encoder.
 * @param module  build/decode-kernels.wasm, compiled
 * @param weights  of the encoder's layers, quantized or not
 * @throws SpecError, WeightsError
 */
export function createEncoder(module: WebAssembly.Module, spec: ModelSpec, weights: StoredWeights): Encoder {
  const network = createNetwork(module, planEncoder(spec), weights, 1);
  return {
    encode: (image) => {
      if (image.length !== network.input.length) {
        throw new ArgumentError(
          `an image has ${network.input.length} numbers ([${spec.input}]); found ${image.length}`,
        );
      }
      network.input.set(image);
      network.run(1);
      return network.output.slice();
    },
  };
}
