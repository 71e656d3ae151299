// Conv2D and both of its gradients as matrix products over patches (im2col). The gradient by the input is also the
// forward pass of conv2dTranspose. A few images at a time, so that their patches stay in the second cache.

import * as tf from "@tensorflow/tfjs";
import type { TrainKernels, Window } from "./kernel-module.ts";
import { applyEpilogue, coversEpilogue, multiply } from "./matmul.ts";
import { type KernelArguments, overrideKernel } from "./override.ts";

const FLOAT_BYTES = 4;
/** Patches held at a time, where one image does not need more. */
const PATCH_BYTES = 512 * 1024;
/** From images to patches, and the reverse. */
const [GATHER, SCATTER] = [0, 1];

export function registerConv2d(kernels: TrainKernels): void {
  overrideKernel(tf.Conv2D, (args) => conv2d(kernels, args));
  overrideKernel(tf.FusedConv2D, (args) => conv2d(kernels, args));
  overrideKernel(tf.Conv2DBackpropInput, (args) => conv2dBackpropInput(kernels, args));
  overrideKernel(tf.Conv2DBackpropFilter, (args) => conv2dBackpropFilter(kernels, args));
}

type Conv2dAttributes = {
  strides: [number, number] | number;
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dataFormat: "NHWC" | "NCHW";
  dilations?: [number, number] | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
  inputShape?: [number, number, number, number];
  filterShape?: [number, number, number, number];
};

/** A convolution in the terms of the product: patches [rows, depth] x filter [depth, columns]. */
type Convolution = {
  readonly window: Window;
  readonly images: number;
  readonly rowsPerImage: number;
  readonly depth: number;
  readonly columns: number;
  readonly imageBytes: number;
  readonly inShape: readonly number[];
  readonly outShape: readonly number[];
};

function describe(attrs: Conv2dAttributes, input: number[], filter: number[]): Convolution | undefined {
  if (attrs.dataFormat !== "NHWC" || !tf.backend_util.tupleValuesAreOne(attrs.dilations ?? 1))
    return undefined;
  const info = tf.backend_util.computeConv2DInfo(
    input as [number, number, number, number],
    filter as [number, number, number, number],
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
  );
  return {
    window: [
      info.inHeight,
      info.inWidth,
      info.inChannels,
      info.filterHeight,
      info.filterWidth,
      info.strideHeight,
      info.strideWidth,
      info.padInfo.top,
      info.padInfo.left,
      info.outHeight,
      info.outWidth,
    ],
    images: info.batchSize,
    rowsPerImage: info.outHeight * info.outWidth,
    depth: info.filterHeight * info.filterWidth * info.inChannels,
    columns: info.outChannels,
    imageBytes: FLOAT_BYTES * info.inHeight * info.inWidth * info.inChannels,
    inShape: info.inShape,
    outShape: info.outShape,
  };
}

/** Calls `work` for runs of images whose patches fit the scratch memory. */
function forEachRun(
  kernels: TrainKernels,
  { images, rowsPerImage, depth }: Convolution,
  work: (run: { first: number; images: number; rows: number; patches: number }) => void,
): void {
  const patchBytes = FLOAT_BYTES * rowsPerImage * depth;
  const most = Math.min(images, Math.max(1, Math.floor(PATCH_BYTES / patchBytes)));
  const patches = kernels.scratch("patches", most * patchBytes);
  for (let first = 0; first < images; first += most) {
    const count = Math.min(most, images - first);
    work({ first, images: count, rows: count * rowsPerImage, patches });
  }
}

function conv2d(kernels: TrainKernels, args: KernelArguments): tf.TensorInfo | undefined {
  const { x, filter } = args.inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
  const conv = describe(args.attrs as unknown as Conv2dAttributes, x.shape, filter.shape);
  if (!conv || !coversEpilogue(args, conv.columns)) return undefined;
  const { window, imageBytes, rowsPerImage, depth, columns } = conv;
  const out = kernels.allocate(conv.outShape);
  forEachRun(kernels, conv, ({ first, images, rows, patches }) => {
    kernels.module.movePatches(kernels.address(x) + first * imageBytes, images, ...window, patches, GATHER);
    const c = kernels.address(out) + FLOAT_BYTES * first * rowsPerImage * columns;
    multiply(kernels, { a: patches, b: kernels.address(filter), c, rows, columns, depth });
  });
  applyEpilogue(kernels, args, out);
  return out;
}

/** dx = overlap-add of dy x filter^T. */
function conv2dBackpropInput(
  kernels: TrainKernels,
  { inputs, attrs }: KernelArguments,
): tf.TensorInfo | undefined {
  const { dy, filter } = inputs as { dy: tf.TensorInfo; filter: tf.TensorInfo };
  const attributes = attrs as unknown as Conv2dAttributes;
  const conv = describe(attributes, attributes.inputShape ?? [], filter.shape);
  if (!conv) return undefined;
  const { window, imageBytes, rowsPerImage, depth, columns } = conv;
  const dx = kernels.allocate(conv.inShape);
  forEachRun(kernels, conv, ({ first, images, rows, patches }) => {
    const a = kernels.address(dy) + FLOAT_BYTES * first * rowsPerImage * columns;
    const b = kernels.address(filter);
    multiply(kernels, { a, b, c: patches, rows, columns: depth, depth: columns, transposeB: true });
    kernels.module.movePatches(kernels.address(dx) + first * imageBytes, images, ...window, patches, SCATTER);
  });
  return dx;
}

/** dFilter = patches^T x dy, summed over the runs of images. */
function conv2dBackpropFilter(
  kernels: TrainKernels,
  { inputs, attrs }: KernelArguments,
): tf.TensorInfo | undefined {
  const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const attributes = attrs as unknown as Conv2dAttributes;
  const filterShape = attributes.filterShape ?? [0, 0, 0, 0];
  const conv = describe(attributes, x.shape, filterShape);
  if (!conv) return undefined;
  const { window, imageBytes, rowsPerImage, depth, columns } = conv;
  const dFilter = kernels.allocate(filterShape);
  forEachRun(kernels, conv, ({ first, images, rows, patches }) => {
    kernels.module.movePatches(kernels.address(x) + first * imageBytes, images, ...window, patches, GATHER);
    multiply(kernels, {
      a: patches,
      b: kernels.address(dy) + FLOAT_BYTES * first * rowsPerImage * columns,
      c: kernels.address(dFilter),
      rows: depth,
      columns,
      depth: rows,
      transposeA: true,
      accumulate: first > 0,
    });
  });
  return dFilter;
}
