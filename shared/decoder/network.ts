// A planned encoder or decoder on the SIMD kernels (kernels/, AssemblyScript): an instance with a memory of its own, so
// that dropping the network frees all of it. Bit-equal to reference.ts.

import type { AnyPlannedLayer } from "../model/layers.ts";
import type { OutputActivation } from "../model/spec.ts";
import { type StoredTensor, type StoredWeights, storedTensor } from "../model/weights.ts";
import { layOut } from "./layout.ts";
import { BANK_BYTES, bankWords } from "./program.ts";

/** What build/decode-kernels.wasm exports; addresses in bytes. */
interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly run: (program: number, batch: number) => void;
  readonly pixelsFromLogits: (logits: number, count: number, isHard: boolean, to: number) => void;
  readonly dequantize: (table: number, scale: number, minimum: number) => void;
  readonly pack: (bank: number) => void;
}

/** Its arrays are views of the network's memory, valid until the next run. */
export interface Network {
  readonly maxBatch: number;
  /** float32 [maxBatch, inputs]: write the examples here before each run, which overwrites them. */
  readonly input: Float32Array;
  /** Of the examples' noise, [maxBatch]: 0, where there is none, until others are written. */
  readonly grains: Int32Array;
  /** float32 [maxBatch, outputs], before an activation that makes pixels. */
  readonly output: Float32Array;
  /** Computes the outputs of the first `batch` examples. */
  readonly run: (batch: number) => void;
  /** The outputs of the last run, taken as logits, to bytes [batch, outputs]: activation(logit) * 255, rounded half up. */
  readonly pixels: (batch: number, activation: OutputActivation) => Uint8Array;
}

const PAGE_BYTES = 65536;
const TABLE_BYTES = 1024;

/**
 * Plans the memory, unpacks the weights into it, and returns the network ready to run.
 * @param module  build/decode-kernels.wasm, compiled
 * @param maxBatch  examples in one run
 * @throws WeightsError when a tensor is missing or has another size
 */
export function createNetwork(
  module: WebAssembly.Module,
  plan: readonly AnyPlannedLayer[],
  weights: StoredWeights,
  maxBatch = 1,
): Network {
  const layout = layOut(plan, maxBatch);
  const tensors = layout.banks.map(({ tensor }) => storedTensor(weights, tensor));
  // While loading, one tensor at a time lies where the activations will.
  const table = layout.staging + BANK_BYTES;
  const source = table + TABLE_BYTES;
  const largest = Math.max(...tensors.map((tensor) => bytesOf(tensor).byteLength));
  const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;
  growTo(kernels.memory, Math.max(layout.end, source + largest));
  const { buffer } = kernels.memory;

  const words = new Int32Array(buffer);
  for (const { address, words: values } of layout.tables) words.set(values, address >> 2);
  const bytes = new Uint8Array(buffer);
  layout.banks.forEach((bank, index) => {
    const tensor = tensors[index]!;
    if (tensor !== tensors[index - 1]) {
      bytes.set(bytesOf(tensor), source);
      if ("scale" in tensor) kernels.dequantize(table, tensor.scale, tensor.min);
    }
    words.set(bankWords(bank, source, "scale" in tensor ? table : 0), layout.staging >> 2);
    kernels.pack(layout.staging);
  });

  const { inputSize, outputSize, pixels } = layout;
  return {
    maxBatch,
    input: new Float32Array(buffer, layout.input, maxBatch * inputSize),
    grains: new Int32Array(buffer, layout.grains, maxBatch),
    output: new Float32Array(buffer, layout.output, maxBatch * outputSize),
    run: (batch) => kernels.run(layout.program, batch),
    pixels: (batch, activation) => {
      kernels.pixelsFromLogits(layout.output, batch * outputSize, activation === "hardSigmoid", pixels);
      return bytes.subarray(pixels, pixels + batch * outputSize);
    },
  };
}

/** What is copied to the kernels: bytes of float32, or quantized ones. */
function bytesOf(tensor: StoredTensor): Uint8Array {
  if ("scale" in tensor) return tensor.values;
  return new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
}

function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing > 0) memory.grow(missing);
}
