// Concat, SplitV and Slice as copies of rows: tfjs's own copy each row in JavaScript, which takes long where rows are pixels.

import * as tf from "@tensorflow/tfjs";
import type { TrainKernels } from "./kernel-module.ts";
import { type Inputs, overrideKernel } from "./override.ts";

const FLOAT_BYTES = 4;

export function registerJoins(kernels: TrainKernels): void {
  overrideKernel(kernels, tf.Concat, concat);
  overrideKernel(kernels, tf.SplitV, splitV);
  overrideKernel(kernels, tf.Slice, slice);
}

function concat(
  kernels: TrainKernels,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  { axis }: tf.ConcatAttrs,
): tf.TensorInfo | undefined {
  const parts = Object.values(inputs);
  if (parts.some(({ dtype }) => dtype !== "float32")) return undefined;
  const shapes = parts.map(({ shape }) => shape);
  const [along] = tf.util.parseAxisParam(axis, shapes[0]!) as [number];
  tf.backend_util.assertParamsConsistent(shapes, along);
  const out = kernels.allocate(tf.backend_util.computeOutShape(shapes, along));
  copyParts(kernels, out, parts, along, "join");
  return out;
}

function splitV(
  kernels: TrainKernels,
  { x }: Inputs<"x">,
  { numOrSizeSplits, axis }: tf.SplitVAttrs,
): tf.TensorInfo[] | undefined {
  if (x.dtype !== "float32") return undefined;
  const [along] = tf.util.parseAxisParam(axis, x.shape) as [number];
  const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
  const parts = sizes.map((size) => kernels.allocate(x.shape.with(along, size)));
  copyParts(kernels, x, parts, along, "split");
  return parts;
}

/** Of a part along one axis. */
function slice(
  { module, address, allocate }: TrainKernels,
  { x }: Inputs<"x">,
  attributes: tf.SliceAttrs,
): tf.TensorInfo | undefined {
  const parsed = tf.slice_util.parseSliceParams(x as tf.Tensor, attributes.begin, attributes.size);
  const [begin, size] = parsed as [number[], number[]];
  const cut = size.flatMap((length, axis) => (length === x.shape[axis] ? [] : [axis]));
  if (x.dtype !== "float32" || cut.length !== 1) return undefined;
  const axis = cut[0]!;
  const out = allocate(size);
  const rows = tf.util.sizeFromShape(size.slice(0, axis));
  const step = FLOAT_BYTES * tf.util.sizeFromShape(size.slice(axis + 1));
  const bytes = step * size[axis]!;
  module.copyRows(address(x) + begin[axis]! * step, step * x.shape[axis]!, address(out), bytes, rows, bytes);
  return out;
}

/** Copies between a tensor and its parts along an axis. */
function copyParts(
  { module, address }: TrainKernels,
  whole: tf.TensorInfo,
  parts: readonly tf.TensorInfo[],
  axis: number,
  direction: "join" | "split",
): void {
  const rows = tf.util.sizeFromShape(whole.shape.slice(0, axis));
  const bytesOf = ({ shape }: tf.TensorInfo) => FLOAT_BYTES * tf.util.sizeFromShape(shape.slice(axis));
  const stride = bytesOf(whole);
  let at = address(whole);
  for (const part of parts) {
    const bytes = bytesOf(part);
    const [inPart, inWhole] = [
      [address(part), bytes],
      [at, stride],
    ] as const;
    if (direction === "join") module.copyRows(...inPart, ...inWhole, rows, bytes);
    else module.copyRows(...inWhole, ...inPart, rows, bytes);
    at += bytes;
  }
}
