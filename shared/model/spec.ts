// A variational autoencoder as data: what the trainer builds its tfjs layers from, what the decoder engine
// executes, and what a release's card carries. All layouts are tfjs's own: images [height, width, channels],
// dense kernels [in, out], convolutions [kh, kw, in, out], transposed ones [kh, kw, out, in].

import * as v from "valibot";
import { SpecError } from "../errors.ts";
import { CodesSchema } from "../latent/codes/spec.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096));
const shape3 = v.tuple([count, count, count]);
const activation = v.picklist(["linear", "relu", "sigmoid"]);
const convolution = {
  filters: count,
  /** Side of the square kernel, pixels. */
  kernel: v.pipe(count, v.maxValue(16)),
  /** Step of the window, pixels. Padding is always TensorFlow's "same". */
  stride: v.pipe(count, v.maxValue(8)),
  activation,
};

const LayerSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("dense"), units: count, activation }),
  v.strictObject({ kind: v.literal("flatten") }),
  v.strictObject({ kind: v.literal("reshape"), shape: shape3 }),
  v.strictObject({ kind: v.literal("conv2d"), ...convolution }),
  v.strictObject({ kind: v.literal("conv2dTranspose"), ...convolution }),
]);

export const ModelSpecSchema = v.strictObject({
  /** Height, width, channels of an image; pixels are in [0, 1]. */
  input: shape3,
  /** Numbers that the decoder takes. Of a discrete latent: the embeddings of all codes, [rows, columns, dim], flat. */
  latentDim: count,
  /** Where the latent is a grid of codes instead of a Gaussian vector. */
  codes: v.optional(CodesSchema),
  /**
   * Image to features. The heads of a Gaussian latent, one dense layer to [mu, logVar], follow from latentDim and are
   * not listed; for codes the last layer gives what the codebook quantizes.
   */
  encoder: v.array(LayerSchema),
  /** Latent to pixel probabilities: the last layer has the input's shape and the only sigmoid. */
  decoder: v.pipe(v.array(LayerSchema), v.minLength(1)),
});

export type Layer = v.InferOutput<typeof LayerSchema>;
export type Activation = v.InferOutput<typeof activation>;
export type Shape3 = readonly [number, number, number];
export type ModelSpec = v.InferOutput<typeof ModelSpecSchema>;

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

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
 * The encoder. The output is [mu, logVar], 2 * latentDim numbers, by its heads; of a model with codes it is latentDim
 * numbers, one vector per cell of the grid, before quantization.
 * @throws SpecError
 */
export function planEncoder(spec: ModelSpec): readonly PlannedLayer[] {
  const heads: Layer = { kind: "dense", units: 2 * spec.latentDim, activation: "linear" };
  const plan = planLayers("encoder", spec.codes ? spec.encoder : [...spec.encoder, heads], spec.input);
  if (spec.codes && plan.at(-1)?.output.join() !== [1, 1, spec.latentDim].join()) {
    throw new SpecError(
      `the encoder ends in [${plan.at(-1)?.output}], expected a vector of ${spec.latentDim}`,
    );
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
  const plan = planLayers("decoder", spec.decoder, [1, 1, spec.latentDim]);
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

/**
 * Rows and columns of the grid of codes, which the decoder's first layer gives back its shape.
 * @throws SpecError when there is no such grid
 */
export function codeGrid({ codes, decoder }: ModelSpec): { readonly rows: number; readonly columns: number } {
  const [first] = decoder;
  if (codes && first?.kind === "reshape" && first.shape[2] === codes.codebook.dim) {
    return { rows: first.shape[0], columns: first.shape[1] };
  }
  throw new SpecError("a decoder of codes begins with a reshape to [rows, columns, the codebook's dim]");
}

/** A layer's activation; undefined for layers that only reshape. */
export function activationOf(layer: Layer): Activation | undefined {
  return "activation" in layer ? layer.activation : undefined;
}

/** Number of trainable parameters of a planned stack. */
export function parameterCount(plan: readonly PlannedLayer[]): number {
  return plan.flatMap(({ weights }) => weights).reduce((sum, { shape }) => sum + size(shape), 0);
}

/** Number of elements of a shape. */
export function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/**
 * Pixels of "same" padding before the first row or column (TensorFlow's convention: the odd one goes last).
 * @param large  side of the larger image: a convolution's input, a transposed convolution's output
 * @param small  side of the smaller one
 */
export function paddingBefore(large: number, small: number, kernel: number, stride: number): number {
  return Math.max((small - 1) * stride + kernel - large, 0) >> 1;
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
