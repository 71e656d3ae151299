// A layer with weights as matrix products. Its outputs are cut into regions whose windows hold the same taps
// (windows.ts); in a region, positions x taps are multiplied by taps x outputs, where the outputs of a position are all
// channels of all pixels that share its window. Dense layers are convolutions of one pixel.

import { activationOf, type PlannedLayer, type Shape3, type WeightSpec } from "../model.ts";
import { type Bank, KIND, type Operation } from "./program.ts";
import { classifyRuns, type RunClass, type RunKind } from "./windows.ts";

/** Positions that an operation should have, where a batch can give them: enough to fill its widest tiles. */
const GOOD_POSITIONS = 12;

/** A layer as the kernels see it. */
export interface Product {
  readonly input: Shape3;
  readonly output: Shape3;
  readonly kernel: WeightSpec;
  readonly bias: WeightSpec;
  readonly relu: boolean;
  /** Side of the kernel and stride, pixels. */
  readonly side: number;
  readonly stride: number;
  readonly isTransposed: boolean;
  /** Channel residues: 4, unless there are fewer channels. */
  readonly residues: number;
  /** Channels of an input pixel as the kernels read it: a multiple of the residues. */
  readonly channels: number;
}

/** Memory to plan with: `reserve` bytes, or `write` words; both give the address. */
export interface Planner {
  readonly maxBatch: number;
  readonly reserve: (bytes: number) => number;
  readonly write: (words: readonly number[]) => number;
}

/** What does not depend on where the activations lie. */
export type RegionOperation = Omit<Operation, "input" | "inputStride" | "output" | "outputStride"> & {
  /** To be added to the output's address. */
  readonly offset: number;
};

/** Undefined for layers that only reshape. */
export function productOf({ layer, input, output, weights }: PlannedLayer): Product | undefined {
  const [kernel, bias] = weights;
  if (!kernel || !bias) return undefined;
  const residues = Math.min(4, input[2]);
  const isSpatial = layer.kind === "conv2d" || layer.kind === "conv2dTranspose";
  return {
    input,
    output,
    kernel,
    bias,
    relu: activationOf(layer) === "relu",
    side: isSpatial ? layer.kernel : 1,
    stride: isSpatial ? layer.stride : 1,
    isTransposed: layer.kind === "conv2dTranspose",
    residues,
    channels: Math.ceil(input[2] / residues) * residues,
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

/** The weights of all runs of one kind: panels of four outputs. */
interface PackedKind {
  readonly banks: readonly Bank[];
  readonly weights: number;
  readonly bias: number;
  readonly outputs: number;
  /** Bytes of a panel's tap and of a whole panel. */
  readonly tapBytes: number;
  readonly panelBytes: number;
}

function packKind(product: Product, row: RunKind, column: RunKind, { reserve }: Planner): PackedKind {
  const { residues, channels, side, stride, isTransposed } = product;
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
    residues,
  };
  // A bias is a kernel of one tap and one input, the same for every pixel.
  const biasBank: Bank = {
    ...kernelBank,
    ...{ tensor: product.bias, to: bias, origin: 0, rowOutput: 0, colOutput: 0, channelOutput: 1 },
    ...{ rows: 1, columns: 1, rowTap: 0, colTap: 0, inputs: 1, inputStep: 0, residues: 1 },
  };
  return { banks: [biasBank, kernelBank], weights, bias, outputs, tapBytes, panelBytes };
}

function planRegion(
  product: Product,
  packed: PackedKind,
  row: RunClass,
  column: RunClass,
  { maxBatch, write }: Planner,
): RegionOperation[] {
  const { input, output, channels, residues } = product;
  const rows = row.taps.to - row.taps.from;
  const columns = column.taps.to - column.taps.from;

  // Positions, repeated for as many examples as are worked on together.
  const positionCount = row.runs.length * column.runs.length;
  const group = Math.min(maxBatch, Math.ceil(GOOD_POSITIONS / positionCount));
  const inputStride = input[0] * input[1] * channels * 4;
  const outputStride = output[0] * output[1] * output[2] * 4;
  const entries: number[] = [];
  for (let example = 0; example < group; example++) {
    for (const y of row.runs) {
      for (const x of column.runs) {
        entries.push(
          example * inputStride + (y.input * input[1] + x.input) * channels * 4,
          example * outputStride + (y.output * output[1] + x.output) * output[2] * 4,
        );
      }
    }
  }

  const common = {
    kind: KIND.multiply,
    positions: write(entries),
    positionCount,
    group,
    rows: rows * columns === 0 ? 0 : rows,
    steps: (columns * channels) / residues,
    residues,
    inputRow: input[1] * channels * 4,
    weightSkip: (column.kind.taps - columns) * packed.tapBytes,
    panelBytes: packed.panelBytes,
    relu: +product.relu,
  };
  const firstTap = (row.taps.from * column.kind.taps + column.taps.from) * packed.tapBytes;
  return planPanels(product, row, column, write).map(({ first, panels, offset, scatter }) => ({
    ...common,
    panels,
    offset,
    scatter,
    weights: packed.weights + first * packed.panelBytes + firstTap,
    bias: packed.bias + first * 16,
  }));
}

/** Panels that follow each other, in memory as in number. */
interface PanelRun {
  /** Number of the first. */
  readonly first: number;
  readonly panels: number;
  /** From a position's first output to the run's, bytes. */
  readonly offset: number;
  readonly scatter: number;
}

/** The panels of a region that have an output inside the image. */
function planPanels(
  { output }: Product,
  row: RunClass,
  column: RunClass,
  write: Planner["write"],
): readonly PanelRun[] {
  const runs: PanelRun[] = [];
  /** Of panels that hold other outputs too: lane and offset of each output to keep. */
  const partial = new Map<number, number[]>();
  const columns = column.kind.outputs * output[2];
  for (let y = row.outputs.from; y < row.outputs.to; y++) {
    // Outputs first to last - 1 lie side by side.
    const [first, last] = [column.outputs.from, column.outputs.to].map((x) => y * columns + x * output[2]);
    const offsetOf = (index: number) => (y * output[1] * output[2] + index - y * columns) * 4;
    const whole = { from: Math.ceil(first! / 4), to: Math.floor(last! / 4) };
    if (whole.from < whole.to) {
      const panels = whole.to - whole.from;
      runs.push({ first: whole.from, panels, offset: offsetOf(whole.from * 4), scatter: 0 });
    }
    for (let index = first!; index < last!; index++) {
      const panel = index >> 2;
      if (panel >= whole.from && panel < whole.to) index = whole.to * 4;
      if (index >= last!) break;
      const kept = partial.get(index >> 2) ?? [];
      partial.set(index >> 2, kept);
      kept.push((index & 3) * 4, offsetOf(index));
    }
  }
  for (const [first, kept] of partial) {
    runs.push({ first, panels: 1, offset: 0, scatter: write([kept.length / 2, ...kept]) });
  }
  return runs;
}
