// Models with codes that are small enough for the reference, and weights for them.

import { createGenerator, sampleNormal } from "../../../../shared/arithmetic/random.ts";
import { planPrior } from "../../../../shared/latent/codes/prior-plan.ts";
import { type ModelSpec, size } from "../../../../shared/model/spec.ts";
import { isQuantized, quantizeNearest, type StoredTensor } from "../../../../shared/model/weights.ts";

export interface CodesShape {
  readonly rows: number;
  readonly columns: number;
  readonly size: number;
  readonly embedding: number;
  readonly channels: number;
  /** Of each layer; the first does not see itself. */
  readonly reaches: readonly number[];
}

const DIM = 4;

/** A model whose images have one pixel per cell. */
export function codesSpec({
  rows,
  columns,
  size: count,
  embedding,
  channels,
  reaches,
}: CodesShape): ModelSpec {
  return {
    input: [rows, columns, 1],
    latent: {
      kind: "codes",
      codebook: { version: 1, size: count, dim: DIM },
      prior: {
        version: 1,
        embedding,
        layers: reaches.map((reach, index) => ({
          kind: "gatedConv2d",
          version: 1,
          channels,
          reach,
          seesItself: index > 0,
          isResidual: index > 0,
        })),
      },
    },
    encoder: [
      { kind: "conv2d", filters: DIM, kernel: 1, stride: 1, activation: "linear" },
      { kind: "flatten" },
    ],
    decoder: [
      { kind: "reshape", shape: [rows, columns, DIM] },
      { kind: "conv2dTranspose", filters: 1, kernel: 1, stride: 1, activation: "sigmoid" },
    ],
  };
}

/**
 * Codebook, digit shares and prior, drawn from a seed.
 * @param isPacked  quantizes what a release would
 */
export function drawPriorWeights(
  spec: ModelSpec,
  seed: string,
  isPacked: boolean,
): Map<string, StoredTensor> {
  const plan = planPrior(spec);
  return new Map(
    plan.weights.map((tensor): [string, StoredTensor] => {
      const count = size(tensor.shape);
      if (tensor.name === plan.digits.name) return [tensor.name, new Float32Array(count).fill(1 / count)];
      const values = sampleNormal(createGenerator(`${seed}/${tensor.name}`), new Float32Array(count));
      const scaled = values.map((value) => value / Math.sqrt(tensor.shape.at(-2) ?? 1));
      return [tensor.name, isPacked && isQuantized(tensor) ? quantizeNearest(tensor.name, scaled) : scaled];
    }),
  );
}
