// Makes V8 compile what a first request would otherwise wait for: this code and the kernels' baseline code at once, and
// the kernels' optimized code in the background, which V8 starts once a function has done enough work.

import { type ModelSpec, planDecoder, planEncoder, size } from "../model.ts";
import type { QuantizedTensor } from "../weights.ts";
import { createDecoder } from "./decoder.ts";
import { createEncoder } from "./encoder.ts";

/** One input channel, five (which are padded to eight) and multiples of four; pairs of positions and single ones. */
const SPEC: ModelSpec = {
  input: [16, 16, 1],
  latentDim: 8,
  encoder: [
    { kind: "conv2d", filters: 5, kernel: 3, stride: 2, activation: "relu" },
    { kind: "conv2d", filters: 8, kernel: 4, stride: 2, activation: "relu" },
    { kind: "flatten" },
    { kind: "dense", units: 256, activation: "relu" },
  ],
  decoder: [
    { kind: "dense", units: 512, activation: "relu" },
    { kind: "reshape", shape: [4, 4, 32] },
    { kind: "conv2dTranspose", filters: 16, kernel: 4, stride: 2, activation: "relu" },
    { kind: "conv2dTranspose", filters: 1, kernel: 4, stride: 2, activation: "sigmoid" },
  ],
};

/** Work enough, by measurement, for V8 to optimize every kernel. */
const LOADS = 3;
const RUNS = 20;

/** Loads and runs a small encoder and decoder; takes 10 to 20 ms of CPU. */
export function warmUp(module: WebAssembly.Module): void {
  const weights = new Map<string, QuantizedTensor>();
  for (const { name, shape } of [...planEncoder(SPEC), ...planDecoder(SPEC)].flatMap(
    (layer) => layer.weights,
  )) {
    weights.set(name, { values: new Uint8Array(size(shape)), scale: 0, min: 0 });
  }
  for (let load = 0; load < LOADS; load++) {
    const decoder = createDecoder(module, SPEC, weights);
    const encoder = createEncoder(module, SPEC, weights);
    const latent = new Float32Array(SPEC.latentDim);
    const image = new Float32Array(size(SPEC.input));
    for (let run = 0; run < RUNS; run++) {
      decoder.image(latent);
      decoder.logits(latent);
      encoder.encode(image);
    }
  }
}
