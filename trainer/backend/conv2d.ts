// Conv2D and both of its gradients as matrix products over patches (im2col). The gradient by the input is also the
// forward pass of conv2dTranspose. A few images at a time, so that their patches stay in the L2 cache.

import * as tf from "@tensorflow/tfjs";
import type { TrainKernels } from "./kernel-module.ts";
import { applyEpilogue, coversEpilogue, type Epilogue, multiply } from "./matmul.ts";
import { type Inputs, overrideKernel } from "./override.ts";

const FLOAT_BYTES = 4;
/** Patches that are held at a time, unless one image needs more. */
const PATCH_BYTES = 512 * 1024;
/** From images to patches, and the reverse. */
const [GATHER, SCATTER] = [0, 1];

type Shape4 = [number, number, number, number];
type Attributes = Omit<tf.Conv2DAttrs, "dilations"> & Partial<tf.Conv2DAttrs>;

export function registerConv2d(kernels: TrainKernels): void {
  overrideKernel(kernels, tf.Conv2D, conv2d);
  overrideKernel(kernels, tf.FusedConv2D, conv2d);
  overrideKernel(kernels, tf.Conv2DBackpropInput, conv2dBackpropInput);
  overrideKernel(kernels, tf.Conv2DBackpropFilter, conv2dBackpropFilter);
}

/** A convolution as a product: patches [rows, depth] x filter [depth, columns]. */
interface Convolution {
  readonly info: tf.backend_util.Conv2DInfo;
  readonly depth: number;
  readonly columns: number;
}

function describe(attrs: Attributes, input: number[], filter: number[]): Convolution | undefined {
  const { dataFormat, dilations = 1, strides, pad, dimRoundingMode } = attrs;
  if (dataFormat !== "NHWC" || !tf.backend_util.tupleValuesAreOne(dilations)) return undefined;
  const shapes = [input, filter] as [Shape4, Shape4];
  const info = tf.backend_util.computeConv2DInfo(...shapes, strides, 1, pad, dimRoundingMode);
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  return { info, depth: filterHeight * filterWidth * inChannels, columns: outChannels };
}

/** Some images of a convolution. */
interface Run {
  readonly isFirst: boolean;
  /** Patches, and their address. */
  readonly rows: number;
  readonly patches: number;
  /** Start of the run's part in a tensor with the shape of the convolution's output. */
  readonly outputAt: (tensor: tf.TensorInfo) => number;
  /** From images in the shape of the convolution's input to patches (GATHER), or the reverse (SCATTER). */
  readonly move: (images: tf.TensorInfo, direction: number) => void;
}

/** Calls `work` for runs of images whose patches fit the scratch memory. */
function forEachRun(kernels: TrainKernels, { info, depth, columns }: Convolution, work: (run: Run) => void) {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info;
  const window = [
    ...[
      inHeight,
      inWidth,
      inChannels,
      info.filterHeight,
      info.filterWidth,
      info.strideHeight,
      info.strideWidth,
    ],
    ...[padInfo.top, padInfo.left, outHeight, outWidth],
  ];
  const imageBytes = FLOAT_BYTES * inHeight * inWidth * inChannels;
  const rowsPerImage = outHeight * outWidth;
  const patchBytes = FLOAT_BYTES * rowsPerImage * depth;
  const most = Math.min(batchSize, Math.max(1, Math.floor(PATCH_BYTES / patchBytes)));
  const patches = kernels.scratch("patches", most * patchBytes);
  for (let first = 0; first < batchSize; first += most) {
    const count = Math.min(most, batchSize - first);
    work({
      isFirst: first === 0,
      rows: count * rowsPerImage,
      patches,
      outputAt: (tensor) => kernels.address(tensor) + FLOAT_BYTES * first * rowsPerImage * columns,
      move: (images, direction) => {
        const at = kernels.address(images) + first * imageBytes;
        kernels.module.movePatches(at, count, ...window, patches, direction);
      },
    });
  }
}

function conv2d(
  kernels: TrainKernels,
  inputs: Inputs<"x" | "filter"> & Epilogue["inputs"],
  attrs: Attributes & Epilogue["attrs"],
): tf.TensorInfo | undefined {
  const conv = describe(attrs, inputs.x.shape, inputs.filter.shape);
  const epilogue = { inputs, attrs };
  if (!conv || !coversEpilogue(epilogue, conv.columns)) return undefined;
  const { depth, columns } = conv;
  const out = kernels.allocate(conv.info.outShape);
  forEachRun(kernels, conv, ({ rows, patches, outputAt, move }) => {
    move(inputs.x, GATHER);
    const b = kernels.address(inputs.filter);
    multiply(kernels, { a: patches, b, c: outputAt(out), rows, columns, depth });
  });
  applyEpilogue(kernels, epilogue, out);
  return out;
}

/** dx = overlap-add of dy x filter^T. */
function conv2dBackpropInput(
  kernels: TrainKernels,
  { dy, filter }: Inputs<"dy" | "filter">,
  attrs: tf.Conv2DBackpropInputAttrs,
): tf.TensorInfo | undefined {
  const conv = describe(attrs, attrs.inputShape, filter.shape);
  if (!conv) return undefined;
  const { depth, columns } = conv;
  const dx = kernels.allocate(conv.info.inShape);
  forEachRun(kernels, conv, ({ rows, patches, outputAt, move }) => {
    const [a, b] = [outputAt(dy), kernels.address(filter)];
    multiply(kernels, { a, b, c: patches, rows, columns: depth, depth: columns, transposeB: true });
    move(dx, SCATTER);
  });
  return dx;
}

/** dFilter = patches^T x dy, summed over the runs of images. */
function conv2dBackpropFilter(
  kernels: TrainKernels,
  { x, dy }: Inputs<"x" | "dy">,
  attrs: tf.Conv2DBackpropFilterAttrs,
): tf.TensorInfo | undefined {
  const conv = describe(attrs, x.shape, attrs.filterShape);
  if (!conv) return undefined;
  const dFilter = kernels.allocate(attrs.filterShape);
  forEachRun(kernels, conv, ({ isFirst, rows, patches, outputAt, move }) => {
    move(x, GATHER);
    const operands = { a: patches, b: outputAt(dy), c: kernels.address(dFilter) };
    const sizes = { rows: conv.depth, columns: conv.columns, depth: rows };
    multiply(kernels, { ...operands, ...sizes, transposeA: true, accumulate: !isFirst });
  });
  return dFilter;
}
