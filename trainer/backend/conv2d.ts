// Conv2D and both of its gradients as matrix products. A convolution's windows are read where they lie in the images. The
// gradient by the input, which is also the forward pass of conv2dTranspose, is with stride 1 a convolution again, else a
// product that is added to the images (col2im). A few images at a time, so that they stay in the L2 cache.

import * as tf from "@tensorflow/tfjs";
import type { TrainKernels } from "./kernel-module.ts";
import { applyEpilogue, coversEpilogue, type Epilogue, multiply } from "./matmul.ts";
import { type Inputs, overrideKernel } from "./override.ts";

const FLOAT_BYTES = 4;
/** Images, in their frames of zeros, and patches that are held at a time, unless one image needs more. */
const [FRAME_BYTES, PATCH_BYTES] = [32 * 1024, 512 * 1024];
/** Floats of a tile, the most rows that one has, and the columns of panels (kernels/tile.ts). */
const [TILE, TILE_ROWS, TILE_COLUMNS] = [32, 8, 8];

type Shape4 = [number, number, number, number];
type Attributes = Omit<tf.Conv2DAttrs, "dilations"> & Partial<tf.Conv2DAttrs>;

export function registerConv2d(kernels: TrainKernels): void {
  overrideKernel(kernels, tf.Conv2D, conv2d);
  overrideKernel(kernels, tf.FusedConv2D, conv2d);
  overrideKernel(kernels, tf.Conv2DBackpropInput, conv2dBackpropInput);
  overrideKernel(kernels, tf.Conv2DBackpropFilter, conv2dBackpropFilter);
}

/** A convolution as a product: windows [rows, depth] x filter [depth, columns]. */
interface Convolution {
  readonly info: tf.backend_util.Conv2DInfo;
  readonly rowsPerImage: number;
  readonly depth: number;
  readonly columns: number;
}

function describe(attrs: Attributes, input: number[], filter: number[]): Convolution | undefined {
  const { dataFormat, dilations = 1, strides, pad, dimRoundingMode } = attrs;
  if (dataFormat !== "NHWC" || !tf.backend_util.tupleValuesAreOne(dilations)) return undefined;
  const shapes = [input, filter] as [Shape4, Shape4];
  const info = tf.backend_util.computeConv2DInfo(...shapes, strides, 1, pad, dimRoundingMode);
  const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth } = info;
  return {
    info,
    rowsPerImage: outHeight * outWidth,
    depth: filterHeight * filterWidth * inChannels,
    columns: outChannels,
  };
}

/** Some images of a convolution. */
interface Run {
  readonly first: number;
  readonly count: number;
  /** Windows. */
  readonly rows: number;
  /** Start of the run's part in a tensor with the shape of the convolution's output. */
  readonly outputAt: (tensor: tf.TensorInfo) => number;
}

/** Calls `work` for runs of at most so many images, but at least one. */
function forEachRun(
  { address }: TrainKernels,
  { info: { batchSize }, rowsPerImage, columns }: Convolution,
  most: number,
  work: (run: Run) => void,
): void {
  const length = Math.max(1, Math.floor(most));
  for (let first = 0; first < batchSize; first += length) {
    const count = Math.min(length, batchSize - first);
    work({
      first,
      count,
      rows: count * rowsPerImage,
      outputAt: (tensor) => address(tensor) + FLOAT_BYTES * first * rowsPerImage * columns,
    });
  }
}

/** A run, with what the kernels take of its windows. */
interface WindowRun extends Run {
  /** places, rows, runs, runBytes, runStride */
  readonly windows: readonly [number, number, number, number, number];
}

/** Calls `work` for runs of images whose windows have been placed. */
function forEachWindowRun(
  kernels: TrainKernels,
  conv: Convolution,
  x: tf.TensorInfo,
  work: (run: WindowRun) => void,
): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, padInfo, ...rest } = conv.info;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = rest;
  const pixelBytes = FLOAT_BYTES * inChannels;
  const frameHeight = Math.max(padInfo.top + inHeight, (outHeight - 1) * strideHeight + filterHeight);
  const frameWidth = Math.max(padInfo.left + inWidth, (outWidth - 1) * strideWidth + filterWidth);
  const [imageRow, frameRow] = [inWidth * pixelBytes, frameWidth * pixelBytes];
  const frameBytes = frameHeight * frameRow;
  const most = Math.max(1, Math.floor(FRAME_BYTES / frameBytes));
  // A tile may read beyond the last frame what it leaves out.
  const frames = kernels.scratch("frames", most * frameBytes + FLOAT_BYTES * TILE);
  const places = kernels.scratch("places", FLOAT_BYTES * (most * conv.rowsPerImage + TILE_ROWS));
  forEachRun(kernels, conv, most, (run) => {
    const image = kernels.address(x) + run.first * inHeight * imageRow;
    const frame = [padInfo.top, padInfo.left * pixelBytes, frameHeight, frameRow, frames];
    kernels.module.frameImages(image, run.count, inHeight, imageRow, ...frame);
    const steps = [strideHeight * frameRow, strideWidth * pixelBytes];
    kernels.module.placeWindows(frames, run.count, frameBytes, outHeight, outWidth, ...steps, places);
    work({ ...run, windows: [places, run.rows, filterHeight, filterWidth * pixelBytes, frameRow] });
  });
}

/** Room for a matrix [depth, columns] in panels, and a tile of working memory. */
function panelsOf(kernels: TrainKernels, depth: number, columns: number): [number, number] {
  const floats = Math.ceil(columns / TILE_COLUMNS) * TILE_COLUMNS * depth;
  const edge = kernels.scratch("columns", FLOAT_BYTES * (TILE + floats));
  return [edge + FLOAT_BYTES * TILE, edge];
}

/** A matrix [depth, columns] in panels, and a tile of working memory. */
function packColumns(kernels: TrainKernels, from: number, depth: number, columns: number): [number, number] {
  const [panels, edge] = panelsOf(kernels, depth, columns);
  kernels.module.packColumns(from, columns, depth, panels);
  return [panels, edge];
}

export function conv2d(
  kernels: TrainKernels,
  inputs: Inputs<"x" | "filter"> & Epilogue["inputs"],
  attrs: Attributes & Epilogue["attrs"],
): tf.TensorInfo | undefined {
  const conv = describe(attrs, inputs.x.shape, inputs.filter.shape);
  const epilogue = { inputs, attrs };
  if (!conv || !coversEpilogue(epilogue, conv.columns)) return undefined;
  const { depth, columns } = conv;
  const out = kernels.allocate(conv.info.outShape);
  const [panels, edge] = packColumns(kernels, kernels.address(inputs.filter), depth, columns);
  forEachWindowRun(kernels, conv, inputs.x, ({ windows, outputAt }) => {
    kernels.module.multiplyWindows(...windows, panels, columns, outputAt(out), edge);
  });
  applyEpilogue(kernels, epilogue, out);
  return out;
}

export function conv2dBackpropInput(
  kernels: TrainKernels,
  { dy, filter }: Inputs<"dy" | "filter">,
  attrs: tf.Conv2DBackpropInputAttrs,
): tf.TensorInfo | undefined {
  const conv = describe(attrs, attrs.inputShape, filter.shape);
  if (!conv) return undefined;
  const flipped = flip(conv);
  return flipped ? convolveFlipped(kernels, flipped, dy, filter) : addProducts(kernels, conv, dy, filter);
}

/** The convolution of dy, with the filter turned around, whose output is dx; undefined for other strides than 1. */
function flip({ info }: Convolution): Convolution | undefined {
  const { filterHeight, filterWidth, inChannels, outChannels, inHeight, inWidth, padInfo } = info;
  const [top, left] = [filterHeight - 1 - padInfo.top, filterWidth - 1 - padInfo.left];
  if (info.strideHeight !== 1 || info.strideWidth !== 1 || top < 0 || left < 0) return undefined;
  return {
    info: {
      ...info,
      inHeight: info.outHeight,
      inWidth: info.outWidth,
      inChannels: outChannels,
      outHeight: inHeight,
      outWidth: inWidth,
      outChannels: inChannels,
      padInfo: { ...padInfo, top, left },
      outShape: info.inShape,
    },
    rowsPerImage: inHeight * inWidth,
    depth: filterHeight * filterWidth * outChannels,
    columns: inChannels,
  };
}

function convolveFlipped(
  kernels: TrainKernels,
  flipped: Convolution,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
) {
  const { columns, depth, info } = flipped;
  const dx = kernels.allocate(info.outShape);
  const [panels, edge] = panelsOf(kernels, depth, columns);
  const taps = info.filterHeight * info.filterWidth;
  kernels.module.packFlipped(kernels.address(filter), taps, columns, info.inChannels, panels);
  forEachWindowRun(kernels, flipped, dy, ({ windows, outputAt }) => {
    kernels.module.multiplyWindows(...windows, panels, columns, outputAt(dx), edge);
  });
  return dx;
}

/** dx = overlap-add of dy x filter^T. */
function addProducts(kernels: TrainKernels, conv: Convolution, dy: tf.TensorInfo, filter: tf.TensorInfo) {
  const { depth, columns, rowsPerImage, info } = conv;
  const { inHeight, inWidth, inChannels, padInfo } = info;
  const dx = kernels.allocate(info.inShape);
  const window = [
    ...[inHeight, inWidth, inChannels, info.filterHeight, info.filterWidth],
    ...[info.strideHeight, info.strideWidth, padInfo.top, padInfo.left, info.outHeight, info.outWidth],
  ];
  const most = Math.max(1, Math.floor(PATCH_BYTES / (FLOAT_BYTES * rowsPerImage * depth)));
  const patches = kernels.scratch("patches", FLOAT_BYTES * most * rowsPerImage * depth);
  forEachRun(kernels, conv, most, ({ first, count, rows, outputAt }) => {
    const [a, b] = [outputAt(dy), kernels.address(filter)];
    multiply(kernels, { a, b, c: patches, rows, columns: depth, depth: columns, transposeB: true });
    const image = kernels.address(dx) + FLOAT_BYTES * first * inHeight * inWidth * inChannels;
    kernels.module.addPatches(image, count, ...window, patches);
  });
  return dx;
}

/** dFilter = windows^T x dy, summed over the runs of images. */
function conv2dBackpropFilter(
  kernels: TrainKernels,
  { x, dy }: Inputs<"x" | "dy">,
  attrs: tf.Conv2DBackpropFilterAttrs,
): tf.TensorInfo | undefined {
  const conv = describe(attrs, x.shape, attrs.filterShape);
  if (!conv) return undefined;
  const { columns } = conv;
  const dFilter = kernels.allocate(attrs.filterShape);
  forEachWindowRun(kernels, conv, x, ({ windows, first, rows, outputAt }) => {
    const [panels, edge] = packColumns(kernels, outputAt(dy), rows, columns);
    const c = kernels.address(dFilter);
    kernels.module.multiplyTransposedWindows(...windows, panels, columns, c, first === 0 ? 0 : 1, edge);
  });
  return dFilter;
}
