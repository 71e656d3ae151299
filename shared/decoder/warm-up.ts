// Makes V8 compile what a first request would otherwise wait for: this code and the kernels' baseline code at once, and
// the kernels' optimized code in the background, which V8 starts once a function has done enough work.

import { createCodesLatent } from "../latent/codes/latent.ts";
import { planPrior } from "../latent/codes/prior-plan.ts";
import { createFlowLatent } from "../latent/flow/latent.ts";
import { planFlow } from "../latent/flow/plan.ts";
import type { FlowSpec } from "../latent/flow/spec.ts";
import { latentDim } from "../latent/kind.ts";
import { planDecoder, planEncoder } from "../model/plan.ts";
import { type ModelSpec, size, type WeightSpec } from "../model/spec.ts";
import type { QuantizedTensor } from "../model/weights.ts";
import { createDecoder } from "./decoder.ts";
import { createEncoder } from "./encoder.ts";

/** One input channel, five (which are padded to eight) and multiples of four; pairs of positions and single ones. */
const SPEC: ModelSpec = {
  input: [16, 16, 1],
  latent: { kind: "gaussian", dim: 8 },
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

/** A grid of codes whose prior does a tenth of the work of the `vq` preset's. */
const CODES_SPEC: ModelSpec = {
  input: [28, 28, 1],
  latent: {
    kind: "codes",
    codebook: { version: 1, size: 32, dim: 4 },
    prior: {
      version: 1,
      embedding: 16,
      layers: [
        { kind: "gatedConv2d", version: 1, channels: 16, reach: 2, seesItself: false, isResidual: false },
        { kind: "gatedConv2d", version: 1, channels: 16, reach: 1, seesItself: true, isResidual: true },
      ],
    },
  },
  encoder: [],
  decoder: [{ kind: "reshape", shape: [7, 7, 4] }],
};

const FLOW_SPEC: FlowSpec = {
  kind: "flow",
  dim: 8,
  flow: { version: 1, width: 128, blocks: 1, guidance: 0 },
  reader: { version: 1, width: 16 },
};

/** Enough work, as measured, for V8 to optimize every kernel. */
const LOADS = 3;
const RUNS = 20;
const THREE_DRAWS = Array.from({ length: 3 }, () => ({ seed: "warm-up" }));

/** Loads and runs a small encoder and decoder; takes 10 to 20 ms of CPU. */
export function warmUp(module: WebAssembly.Module): void {
  const layers = [...planEncoder(SPEC), ...planDecoder(SPEC)];
  const weights = constantWeights(
    layers.flatMap((layer) => layer.weights),
    0,
  );
  for (let load = 0; load < LOADS; load++) {
    const decoder = createDecoder(module, SPEC, weights);
    const encoder = createEncoder(module, SPEC, weights);
    const latent = new Float32Array(latentDim(SPEC));
    const image = new Float32Array(size(SPEC.input));
    for (let run = 0; run < RUNS; run++) {
      decoder.image(latent);
      decoder.logits(latent);
      encoder.encode(image);
    }
  }
  // A tenth is a share of the digits.
  const codes = createCodesLatent(module, CODES_SPEC, constantWeights(planPrior(CODES_SPEC).weights, 0.1));
  const flow = createFlowLatent(module, FLOW_SPEC, constantWeights(planFlow(FLOW_SPEC).weights, 0.1));
  for (let run = 0; run < RUNS; run++) {
    // Two rows take another way than one.
    codes.drawAll(THREE_DRAWS);
    flow.draw("warm-up", {});
  }
}

function constantWeights(specs: readonly WeightSpec[], min: number): Map<string, QuantizedTensor> {
  return new Map(
    specs.map(({ name, shape }) => [name, { values: new Uint8Array(size(shape)), scale: 0, min }]),
  );
}
