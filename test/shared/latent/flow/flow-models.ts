// Models with a flow that are small enough for the reference, and weights for them.

import { createGenerator, sampleNormal } from "../../../../shared/arithmetic/random.ts";
import { planFlow } from "../../../../shared/latent/flow/plan.ts";
import type { FlowSpec } from "../../../../shared/latent/flow/spec.ts";
import { presets } from "../../../../shared/model/presets.ts";
import { type ModelSpec, size } from "../../../../shared/model/spec.ts";
import { isQuantized, quantizeNearest, type StoredTensor } from "../../../../shared/model/weights.ts";

export interface FlowShape {
  readonly dim: number;
  readonly width: number;
  readonly blocks: number;
}

export function flowLatentSpec({ dim, width, blocks }: FlowShape): FlowSpec {
  return {
    kind: "flow",
    dim,
    flow: { version: 1, width, blocks, guidance: 0.125 },
    reader: { version: 1, width: 12 },
  };
}

/** The `smoke` preset's layers about such a latent. */
export function flowSpec(shape: FlowShape): ModelSpec {
  return { ...presets.smoke, latent: flowLatentSpec(shape) };
}

/**
 * Flow, reader, shares and the latents' spread, drawn from a seed.
 * @param isPacked  quantizes what a release would
 */
export function drawFlowWeights(spec: FlowSpec, seed: string, isPacked: boolean): Map<string, StoredTensor> {
  const plan = planFlow(spec);
  return new Map(
    plan.weights.map((tensor): [string, StoredTensor] => {
      const { name, shape } = tensor;
      const count = size(shape);
      if (name === plan.shares.name) return [name, new Float32Array(count).fill(1 / count)];
      const values = sampleNormal(createGenerator(`${seed}/${name}`), new Float32Array(count));
      if (name === plan.deviation.name) return [name, values.map((value) => 0.5 + value * value)];
      const scaled = values.map((value) => value / Math.sqrt(shape.length === 2 ? shape[0]! : 4));
      return [name, isPacked && isQuantized(tensor) ? quantizeNearest(name, scaled) : scaled];
    }),
  );
}
