// A stack of layers, with what follows from each one's place in it: shapes, and those of its weights.

import { SpecError } from "../errors.ts";
import { type Layer, type Shape3, type SiluLayer, size, type WeightSpec } from "./spec.ts";

/** A layer with everything that follows from its place in the stack. Vectors have shape [1, 1, n]. */
export interface PlannedLayer<L extends Layer | SiluLayer = Layer> {
  readonly layer: L;
  readonly name: string;
  readonly input: Shape3;
  readonly output: Shape3;
  /** Kernel and bias, in tfjs's order and layout; empty for layers that have none. */
  readonly weights: readonly WeightSpec[];
}

/** A layer of a model's stacks, or of its prior's. */
export type AnyPlannedLayer = PlannedLayer<Layer | SiluLayer>;

/** Names the layers `<stack>_<index>`. @throws SpecError where they do not fit together */
export function planLayers<L extends Layer | SiluLayer>(
  stack: string,
  layers: readonly L[],
  input: Shape3,
): readonly PlannedLayer<L>[] {
  let shape = input;
  return layers.map((layer, index) => {
    const name = `${stack}_${index}`;
    const output = outputShape(layer, shape, name);
    const planned = { layer, name, input: shape, output, weights: weightSpecs(layer, shape, name) };
    shape = output;
    return planned;
  });
}

function outputShape(layer: Layer | SiluLayer, [height, width, channels]: Shape3, name: string): Shape3 {
  switch (layer.kind) {
    case "dense":
    case "silu":
      if (height * width !== 1) {
        throw new SpecError(
          `${name}: ${layer.kind} takes a vector, found [${[height, width, channels]}]; flatten first`,
        );
      }
      return [1, 1, layer.units];
    case "flatten":
      return [1, 1, height * width * channels];
    case "reshape":
      if (size(layer.shape) !== height * width * channels) {
        throw new SpecError(`${name}: cannot reshape [${[height, width, channels]}] to [${layer.shape}]`);
      }
      return layer.shape;
    case "conv2d":
      return [Math.ceil(height / layer.stride), Math.ceil(width / layer.stride), layer.filters];
    case "conv2dTranspose":
      return [height * layer.stride, width * layer.stride, layer.filters];
    case "noise":
      return [height, width, channels + layer.planes];
  }
}

function weightSpecs(layer: Layer | SiluLayer, [, , channels]: Shape3, name: string): readonly WeightSpec[] {
  const pair = (kernel: readonly number[], outputs: number): readonly WeightSpec[] => [
    { name: `${name}/kernel`, shape: kernel },
    { name: `${name}/bias`, shape: [outputs] },
  ];
  switch (layer.kind) {
    case "dense":
    case "silu":
      return pair([channels, layer.units], layer.units);
    case "conv2d":
      return pair([layer.kernel, layer.kernel, channels, layer.filters], layer.filters);
    case "conv2dTranspose":
      return pair([layer.kernel, layer.kernel, layer.filters, channels], layer.filters);
    default:
      return [];
  }
}
