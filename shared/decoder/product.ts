// A layer with weights as matrix products. Its outputs are cut into regions whose windows hold the same taps
// (windows.ts); in a region, positions x taps are multiplied by taps x outputs, where the outputs of a position are all
// channels of all pixels that share its window. Dense layers are convolutions of one pixel.

import type { AnyPlannedLayer } from "../model/layers.ts";
import { activationOf } from "../model/spec.ts";
import type { Bank } from "./program.ts";
import { type PackedKind, type Planner, type Product, planRegion, type RegionOperation } from "./region.ts";
import { classifyRuns, type RunClass, type RunKind } from "./windows.ts";

/** The layers with weights, in their order; noise layers become part of the next one. */
export function productsOf(plan: readonly AnyPlannedLayer[]): Product[] {
  return plan.flatMap((planned, index) => productOf(planned, noiseBefore(plan, index)) ?? []);
}

function noiseBefore(plan: readonly AnyPlannedLayer[], index: number): Product["noise"] {
  const previous = plan[index - 1]?.layer;
  return previous?.kind === "noise" ? { planes: previous.planes, layer: index - 1 } : undefined;
}

/** Undefined for layers without weights. */
function productOf(
  { layer, input, output, weights }: AnyPlannedLayer,
  noise: Product["noise"],
): Product | undefined {
  const [kernel, bias] = weights;
  if (!kernel || !bias) return undefined;
  const isSpatial = layer.kind === "conv2d" || layer.kind === "conv2dTranspose";
  return {
    input,
    noise,
    output,
    kernel,
    bias,
    relu: activationOf(layer) === "relu",
    silu: layer.kind === "silu" ? { isResidual: layer.isResidual } : undefined,
    side: isSpatial ? layer.kernel : 1,
    stride: isSpatial ? layer.stride : 1,
    isTransposed: layer.kind === "conv2dTranspose",
    channels: Math.ceil(input[2] / 4) * 4,
  };
}

/** Reserves and describes a layer's packed weights, and plans its operations. */
export function planProduct(
  product: Product,
  planner: Planner,
): { readonly banks: readonly Bank[]; readonly operations: readonly RegionOperation[] } {
  const { isTransposed, input, output, side: kernel, stride } = product;
  const [rows, columns] = ([0, 1] as const).map((axis) =>
    classifyRuns({ isTransposed, input: input[axis], output: output[axis], kernel, stride }),
  ) as [readonly RunClass[], readonly RunClass[]];
  const packed = new Map<string, PackedKind>();
  const operations = rows.flatMap((row) =>
    columns.flatMap((column) => {
      const key = `${Object.values(row.kind)} ${Object.values(column.kind)}`;
      const kind = packed.get(key) ?? packKind(product, row.kind, column.kind, planner);
      packed.set(key, kind);
      return planRegion(product, kind, row, column, planner);
    }),
  );
  return { banks: [...packed.values()].flatMap(({ banks }) => banks), operations };
}

function packKind(product: Product, row: RunKind, column: RunKind, { reserve }: Planner): PackedKind {
  const { channels, side, stride, isTransposed } = product;
  const [inputs, filters] = [product.input[2], product.output[2]];
  const outputs = row.outputs * column.outputs * filters;
  const panels = Math.ceil(outputs / 4);
  const tapBytes = channels * 4 * 4;
  const panelBytes = row.taps * column.taps * tapBytes;
  const weights = reserve(panels * panelBytes);
  const bias = reserve(panels * 16);

  // Transposed kernels are [row, column, filter, input] and are read backwards; the others [row, column, input, filter].
  const pixel = inputs * filters;
  const tapStep = (isTransposed ? -stride : 1) * pixel;
  const outputStep = (isTransposed ? 1 : -stride) * pixel;
  const kernelBank: Bank = {
    tensor: product.kernel,
    to: weights,
    outputs,
    channels: filters,
    colOutputs: column.outputs,
    origin: (row.first * side + column.first) * pixel,
    rowOutput: outputStep * side,
    colOutput: outputStep,
    channelOutput: isTransposed ? inputs : 1,
    rows: row.taps,
    columns: column.taps,
    rowTap: tapStep * side,
    colTap: tapStep,
    inputs,
    inputStep: isTransposed ? 1 : filters,
    residues: 4,
  };
  // A bias is a kernel of one tap and one input, the same for every pixel.
  const biasBank: Bank = {
    ...kernelBank,
    ...{ tensor: product.bias, to: bias, origin: 0, rowOutput: 0, colOutput: 0, channelOutput: 1 },
    ...{ rows: 1, columns: 1, rowTap: 0, colTap: 0, inputs: 1, inputStep: 0, residues: 1 },
  };
  return { banks: [biasBank, kernelBank], weights, bias, tapBytes, panelBytes };
}
