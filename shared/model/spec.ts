// A variational autoencoder as data: what the trainer builds its tfjs layers from, what the decoder engine
// executes, and what a release's card carries. All layouts are tfjs's own: images [height, width, channels],
// dense kernels [in, out], convolutions [kh, kw, in, out], transposed ones [kh, kw, out, in].

import * as v from "valibot";
import { CodesSchema } from "../latent/codes/spec.ts";
import { ConditionalSchema } from "../latent/conditional/spec.ts";
import { FlowSchema } from "../latent/flow/spec.ts";
import { GaussianSchema } from "../latent/gaussian/spec.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096));
const shape3 = v.tuple([count, count, count]);
const activation = v.picklist(["linear", "relu", "sigmoid", "hardSigmoid"]);
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
  /**
   * Adds channels of noise, which a latent's grain tells (decoder/noise.ts), after the others: detail that no latent carries
   * (Karras et al. 2019, https://arxiv.org/abs/1812.04948). Without a grain they are zero.
   */
  v.strictObject({ kind: v.literal("noise"), version: v.literal(1), planes: v.pipe(count, v.maxValue(16)) }),
]);

/** What a model's latent is: one schema for each kind; latent/kind.ts has what they do. */
const LatentSchema = v.variant("kind", [GaussianSchema, FlowSchema, CodesSchema, ConditionalSchema]);

export const SpecSchema = v.strictObject({
  /** Height, width, channels of an image; pixels are in [0, 1]. */
  input: shape3,
  latent: LatentSchema,
  /**
   * Image to features. The heads of a Gaussian latent, one dense layer to [mu, logVar], follow from its dimensions and
   * are not listed; for codes, the codebook quantizes the last layer's output.
   */
  encoder: v.array(LayerSchema),
  /**
   * Latent to pixels: the last layer has the input's shape and the only output activation, sigmoid or
   * hardSigmoid(x) = min(max(0.2 x + 0.5, 0), 1), which reaches black and white.
   */
  decoder: v.pipe(v.array(LayerSchema), v.minLength(1)),
});

/** x + silu(W x + b) where it is residual, else silu(W x + b); silu(x) = x sigmoid(x). Specs have none: priors do. */
export interface SiluLayer {
  readonly kind: "silu";
  readonly units: number;
  readonly isResidual: boolean;
}

/** Whether the decoder draws with noise, whose grain follows a latent's numbers. */
export function hasNoise({ decoder }: Pick<ModelSpec, "decoder">): boolean {
  return decoder.some(({ kind }) => kind === "noise");
}

export type Layer = v.InferOutput<typeof LayerSchema>;
export type Activation = v.InferOutput<typeof activation>;
export type Shape3 = readonly [number, number, number];
export type Latent = v.InferOutput<typeof LatentSchema>;
export type ModelSpec = v.InferOutput<typeof SpecSchema>;

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What makes pixels of logits. */
export type OutputActivation = Extract<Activation, "sigmoid" | "hardSigmoid">;

export function isOutputActivation(activation: Activation | undefined): activation is OutputActivation {
  return activation === "sigmoid" || activation === "hardSigmoid";
}

/** A layer's activation; undefined for layers that only reshape. */
export function activationOf(layer: Layer | SiluLayer): Activation | undefined {
  return "activation" in layer ? layer.activation : undefined;
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
