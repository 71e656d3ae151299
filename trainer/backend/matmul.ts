// BatchMatMul and _FusedMatMul over our own product, which is as fast on transposed operands as on plain ones: the
// gradients of a dense layer are products with one operand transposed.

import * as tf from "@tensorflow/tfjs";
import type { TrainKernels } from "./kernel-module.ts";
import { type Inputs, overrideKernel } from "./override.ts";

const FLOAT_BYTES = 4;

export function registerMatMul(kernels: TrainKernels): void {
  overrideKernel(kernels, tf.BatchMatMul, matMul);
  overrideKernel(kernels, tf._FusedMatMul, matMul);
}

/** Row-major operands of one product; a transposed operand is stored transposed. */
type Product = {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
};

/** C [rows, columns] = A [rows, depth] x B [depth, columns], by address. */
export function multiply({ module, scratch }: TrainKernels, product: Product): void {
  const { a, b, c, rows, columns, depth, transposeA, transposeB } = product;
  const scratchAt = scratch("gemm", module.gemmScratchBytes());
  const aRow = FLOAT_BYTES * (transposeA ? 1 : depth);
  const aDepth = FLOAT_BYTES * (transposeA ? rows : 1);
  const bDepth = FLOAT_BYTES * (transposeB ? 1 : columns);
  const bColumn = FLOAT_BYTES * (transposeB ? depth : 1);
  module.gemm(a, aRow, aDepth, b, bDepth, bColumn, c, rows, columns, depth, scratchAt);
}

export function matMul(
  kernels: TrainKernels,
  inputs: Inputs<"a" | "b"> & Epilogue["inputs"],
  attrs: tf.BatchMatMulAttrs & Epilogue["attrs"],
): tf.TensorInfo | undefined {
  const { a, b } = inputs;
  const { transposeA, transposeB } = attrs;
  const epilogue = { inputs, attrs };
  const batch = a.shape.slice(0, -2);
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const rows = transposeA ? aColumns : aRows;
  const depth = transposeA ? aRows : aColumns;
  const columns = transposeB ? bRows : bColumns;
  const sameBatch = tf.util.arraysEqual(batch, b.shape.slice(0, -2));
  const empty = rows * columns * depth === 0 || depth !== (transposeB ? bColumns : bRows);
  if (!sameBatch || empty || a.dtype !== "float32" || b.dtype !== "float32") return undefined;
  if (!coversEpilogue(epilogue, columns)) return undefined;

  const out = kernels.allocate([...batch, rows, columns]);
  const products = tf.util.sizeFromShape(batch);
  for (let i = 0; i < products; i++) {
    multiply(kernels, {
      a: kernels.address(a) + FLOAT_BYTES * i * rows * depth,
      b: kernels.address(b) + FLOAT_BYTES * i * depth * columns,
      c: kernels.address(out) + FLOAT_BYTES * i * rows * columns,
      rows,
      columns,
      depth,
      transposeA,
      transposeB,
    });
  }
  applyEpilogue(kernels, epilogue, out);
  return out;
}

/** What a fused product or convolution does after a plain one. */
export interface Epilogue {
  readonly inputs: { readonly bias?: tf.TensorInfo };
  readonly attrs: { readonly activation?: string };
}

/** Whether `applyEpilogue` supports a product; plain ones have no epilogue. */
export function coversEpilogue({ inputs: { bias }, attrs }: Epilogue, columns: number): boolean {
  const activation = attrs.activation ?? "linear";
  if (!bias) return activation === "linear";
  const isVector = bias.dtype === "float32" && bias.shape.length === 1 && bias.shape[0] === columns;
  return isVector && (activation === "linear" || activation === "relu");
}

/** Adds the bias to every row of `out`, then the activation. */
export function applyEpilogue(
  { module, address }: TrainKernels,
  { inputs: { bias }, attrs }: Epilogue,
  out: tf.TensorInfo,
): void {
  if (!bias) return;
  const columns = out.shape.at(-1) ?? 1;
  const rows = tf.util.sizeFromShape(out.shape) / columns;
  module.addBias(address(out), rows, columns, address(bias), attrs.activation === "relu" ? 1 : 0);
}
