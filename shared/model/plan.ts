// What a spec implies: the shapes of each layer and of its weights.

import { SpecError } from "../errors.ts";
import { kindOf, latentDim } from "../latent/kind.ts";
import { activationOf, type Layer, type ModelSpec, type Shape3, size, type WeightSpec } from "./spec.ts";

/** A layer with everything that follows from its place in the stack. Vectors have shape [1, 1, n]. */
export interface PlannedLayer {
  readonly layer: Layer;
  readonly name: string;
  readonly input: Shape3;
  readonly output: Shape3;
  /** Kernel and bias, in tfjs's order and layout; empty for layers that only reshape. */
  readonly weights: readonly WeightSpec[];
}

/**
 * The encoder with its heads; the output is a vector, see LatentKind.
 * @throws SpecError
 */
export function planEncoder(spec: ModelSpec): readonly PlannedLayer[] {
  const { heads, outputs } = kindOf(spec).encoder(spec);
  const plan = planLayers("encoder", [...spec.encoder, ...heads], spec.input);
  if (plan.at(-1)?.output.join() !== [1, 1, outputs].join()) {
    throw new SpecError(`the encoder ends in [${plan.at(-1)?.output}], expected a vector of ${outputs}`);
  }
  const sigmoid = plan.find(({ layer }) => activationOf(layer) === "sigmoid");
  if (sigmoid) throw new SpecError(`${sigmoid.name}: sigmoid belongs to the decoder's last activation only`);
  return plan;
}

/**
 * The decoder; the output, before its sigmoid, is one logit per pixel.
 * @throws SpecError
 */
export function planDecoder(spec: ModelSpec): readonly PlannedLayer[] {
  const plan = planLayers("decoder", spec.decoder, [1, 1, latentDim(spec)]);
  const activated = plan.filter(({ layer }) => activationOf(layer));
  for (const planned of activated) {
    if ((activationOf(planned.layer) === "sigmoid") !== (planned === activated.at(-1))) {
      throw new SpecError(`${planned.name}: the decoder's last activation, and no other, is sigmoid`);
    }
  }
  const output = plan.at(-1)!.output;
  if (output.join() !== spec.input.join()) {
    throw new SpecError(`the decoder ends in [${output}], expected the input's shape [${spec.input}]`);
  }
  return plan;
}

/** Number of trainable parameters of a planned stack. */
export function parameterCount(plan: readonly PlannedLayer[]): number {
  return weightCount(plan.flatMap(({ weights }) => weights));
}

/** Number of elements of tensors. */
export function weightCount(weights: readonly WeightSpec[]): number {
  return weights.reduce((sum, { shape }) => sum + size(shape), 0);
}

function planLayers(stack: string, layers: readonly Layer[], input: Shape3): readonly PlannedLayer[] {
  let shape = input;
  return layers.map((layer, index) => {
    const name = `${stack}_${index}`;
    const output = outputShape(layer, shape, name);
    const planned = { layer, name, input: shape, output, weights: weightSpecs(layer, shape, name) };
    shape = output;
    return planned;
  });
}

function outputShape(layer: Layer, [height, width, channels]: Shape3, name: string): Shape3 {
  switch (layer.kind) {
    case "dense":
      if (height * width !== 1) {
        throw new SpecError(
          `${name}: dense takes a vector, found [${[height, width, channels]}]; flatten first`,
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
  }
}

function weightSpecs(layer: Layer, [, , channels]: Shape3, name: string): readonly WeightSpec[] {
  const pair = (kernel: readonly number[], outputs: number): readonly WeightSpec[] => [
    { name: `${name}/kernel`, shape: kernel },
    { name: `${name}/bias`, shape: [outputs] },
  ];
  switch (layer.kind) {
    case "dense":
      return pair([channels, layer.units], layer.units);
    case "conv2d":
      return pair([layer.kernel, layer.kernel, channels, layer.filters], layer.filters);
    case "conv2dTranspose":
      return pair([layer.kernel, layer.kernel, layer.filters, channels], layer.filters);
    default:
      return [];
  }
}
