// Runs many examples through one of the shared SIMD networks.

import type { Network } from "../../shared/decoder/network.ts";
import { ArgumentError } from "../../shared/errors.ts";

/**
 * Runs any number of examples, a batch at a time.
 * @param inputs  float32 [n, inputs], flat
 * @returns a copy of the outputs, float32 [n, outputs], flat
 * @throws ArgumentError if the inputs are not a whole number of examples
 */
export function runNetwork(network: Network, inputs: Float32Array): Float32Array {
  const { maxBatch } = network;
  const inputSize = network.input.length / maxBatch;
  const outputSize = network.output.length / maxBatch;
  const count = inputs.length / inputSize;
  if (!Number.isInteger(count)) {
    throw new ArgumentError(`the network takes ${inputSize} numbers an example; found ${inputs.length}`);
  }
  const outputs = new Float32Array(count * outputSize);
  for (let from = 0; from < count; from += maxBatch) {
    const batch = Math.min(maxBatch, count - from);
    network.input.set(inputs.subarray(from * inputSize, (from + batch) * inputSize));
    network.run(batch);
    outputs.set(network.output.subarray(0, batch * outputSize), from * outputSize);
  }
  return outputs;
}
