// How much arithmetic a stack of layers is, from its plan alone.

import type { AnyPlannedLayer } from "./layers.ts";
import { paddingBefore, type Shape3 } from "./spec.ts";

/** About what one number of noise costs: hashed four at a time, 1.4 to 1.9 ns where a multiply-add takes 0.06. */
const NOISE_WORK = 20;

/** Multiply-adds for one example; taps outside the image do not count. */
export function multiplyAdds(plan: readonly AnyPlannedLayer[]): number {
  return plan.reduce((sum, planned) => sum + ofLayer(planned), 0);
}

function ofLayer({ layer, input, output }: AnyPlannedLayer): number {
  const channels = input[2] * output[2];
  switch (layer.kind) {
    case "flatten":
    case "reshape":
      return 0;
    case "noise":
      return NOISE_WORK * input[0] * input[1] * layer.planes;
    case "dense":
    case "silu":
      return channels;
    case "conv2d":
      return channels * pairs(input, output, layer);
    case "conv2dTranspose":
      return channels * pairs(output, input, layer);
  }
}

/** Pairs of a pixel of the larger image and one of the smaller that a kernel connects. */
function pairs(large: Shape3, small: Shape3, layer: { kernel: number; stride: number }): number {
  const { kernel, stride } = layer;
  const [rows, columns] = ([0, 1] as const).map((axis) => {
    const before = paddingBefore(large[axis], small[axis], kernel, stride);
    let count = 0;
    for (let i = 0; i < small[axis]; i++) {
      const first = i * stride - before;
      count += Math.min(large[axis], first + kernel) - Math.max(0, first);
    }
    return count;
  }) as [number, number];
  return rows * columns;
}
