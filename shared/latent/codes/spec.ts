// A discrete latent as data: the codebook of a VQ-VAE (van den Oord et al. 2017, https://arxiv.org/abs/1711.00937) and
// the autoregressive prior over its codes, a small gated PixelCNN (van den Oord et al. 2016,
// https://arxiv.org/abs/1606.05328). Every kind of node has a version; another computation is another version.

import * as v from "valibot";

const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const version = v.literal(1);
/** Channels come in fours, which the kernels rely on. */
const channels = v.pipe(whole(4, 512), v.multipleOf(4));

const CodebookSchema = v.strictObject({
  version,
  /** Number of codes, K. */
  size: v.pipe(whole(4, 1024), v.multipleOf(4)),
  /** Numbers of an embedding, D. */
  dim: whole(1, 256),
});

/**
 * A masked convolution with a gate: tanh(a) * sigmoid(b), where [a, b] is a convolution over the cells before this one in
 * reading order, plus a bias of the digit. Then a convolution of one cell, and the input again where it is residual.
 */
const GatedConvolutionSchema = v.strictObject({
  kind: v.literal("gatedConv2d"),
  version,
  channels,
  /** Cells to each side and above that the window reaches. */
  reach: whole(0, 7),
  /** Whether the window holds the cell itself (a mask of type B); the first layer's must not (type A). */
  seesItself: v.boolean(),
  /** Adds the input to the output. */
  isResidual: v.boolean(),
});

const PriorSchema = v.strictObject({
  version,
  /** Numbers by which the prior knows a code. */
  embedding: channels,
  layers: v.pipe(v.array(GatedConvolutionSchema), v.minLength(1)),
});

/** The decoder's first layer gives the grid of codes its rows and columns. */
export const CodesSchema = v.strictObject({
  kind: v.literal("codes"),
  codebook: CodebookSchema,
  prior: PriorSchema,
});

export type CodesSpec = v.InferOutput<typeof CodesSchema>;
export type PriorSpec = v.InferOutput<typeof PriorSchema>;
export type GatedConvolution = v.InferOutput<typeof GatedConvolutionSchema>;
