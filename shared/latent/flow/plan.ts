// What follows from a flow's spec: the layers of its networks and its tensors. Ours, not tfjs's: a release has them in
// flow.json and flow.bin.

import { type AnyPlannedLayer, planLayers } from "../../model/layers.ts";
import type { WeightSpec } from "../../model/spec.ts";
import { CLASSES } from "../classes.ts";
import type { FlowSpec } from "./spec.ts";

export interface FlowPlan {
  /**
   * Rows [noise, one-hot digit, guidance] to what is added to the noise: a residual perceptron, distilled from a rectified
   * flow (Liu et al. 2023, https://arxiv.org/abs/2209.03003) with guidance (Ho & Salimans 2022,
   * https://arxiv.org/abs/2207.12598).
   */
  readonly flow: readonly AnyPlannedLayer[];
  /** Latents to a score for each digit. */
  readonly reader: readonly AnyPlannedLayer[];
  /** Of the decoder's latents, [dim]: the flow's own have mean 0 and deviation 1. */
  readonly mean: WeightSpec;
  readonly deviation: WeightSpec;
  /** Share of each digit among the training images, [digits]. */
  readonly shares: WeightSpec;
  /** All tensors, in the order of a release's file. */
  readonly weights: readonly WeightSpec[];
}

/** @throws SpecError */
export function planFlow({ dim, flow: { width, blocks }, reader }: FlowSpec): FlowPlan {
  const flow = planLayers(
    "flow",
    [
      { kind: "silu", units: width, isResidual: false },
      ...Array.from({ length: blocks }, () => ({ kind: "silu", units: width, isResidual: true }) as const),
      { kind: "dense", units: dim, activation: "linear" },
    ],
    [1, 1, dim + CLASSES + 1],
  );
  const read = planLayers(
    "reader",
    [
      { kind: "dense", units: reader.width, activation: "relu" },
      { kind: "dense", units: CLASSES, activation: "linear" },
    ],
    [1, 1, dim],
  );
  const [mean, deviation, shares] = [
    { name: "latent/mean", shape: [dim] },
    { name: "latent/deviation", shape: [dim] },
    { name: "digits", shape: [CLASSES] },
  ] as const;
  const layers = [...flow, ...read].flatMap(({ weights }) => weights);
  return { flow, reader: read, mean, deviation, shares, weights: [mean, deviation, shares, ...layers] };
}
