// What the kernels do for one region of a layer: at which positions, on which panels of outputs.

import type { Shape3, WeightSpec } from "../model/spec.ts";
import { type Bank, KIND, type Operation } from "./program.ts";
import type { RunClass } from "./windows.ts";

/** A layer as the kernels see it. */
export interface Product {
  readonly input: Shape3;
  /** The last channels of its input are noise: how many, and of which layer (noise.ts). */
  readonly noise: { readonly planes: number; readonly layer: number } | undefined;
  readonly output: Shape3;
  readonly kernel: WeightSpec;
  readonly bias: WeightSpec;
  readonly relu: boolean;
  readonly silu: { readonly isResidual: boolean } | undefined;
  /** Side of the kernel and stride, pixels. */
  readonly side: number;
  readonly stride: number;
  readonly isTransposed: boolean;
  /** Channels of an input pixel as the kernels read it: a multiple of four. */
  readonly channels: number;
}

/** Memory to plan with: `reserve` bytes, or `write` words; both give the address. */
export interface Planner {
  readonly maxBatch: number;
  readonly reserve: (bytes: number) => number;
  readonly write: (words: readonly number[]) => number;
}

/** What does not depend on the addresses of the activations. */
export type RegionOperation = Omit<Operation, "input" | "inputStride" | "output" | "outputStride"> & {
  /** To be added to the output's address. */
  readonly offset: number;
};

/** The weights of all runs of one kind: panels of four outputs. */
export interface PackedKind {
  readonly banks: readonly Bank[];
  readonly weights: number;
  readonly bias: number;
  /** Bytes of a panel's tap and of a whole panel. */
  readonly tapBytes: number;
  readonly panelBytes: number;
}

/** Positions to compute while a panel is in the cache, if the batch has as many. */
const GOOD_POSITIONS = 12;

/** Plans the operations of a region, and writes their tables. */
export function planRegion(
  product: Product,
  packed: PackedKind,
  row: RunClass,
  column: RunClass,
  { maxBatch, write }: Planner,
): RegionOperation[] {
  const { input, output, channels } = product;
  const rows = row.taps.to - row.taps.from;
  const columns = column.taps.to - column.taps.from;

  // Positions, repeated for as many examples as are computed together.
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
    kind: row.kind.outputs * column.kind.outputs * output[2] === 1 ? KIND.singleOutput : KIND.multiply,
    positions: write(entries),
    positionCount,
    group,
    rows: rows * columns === 0 ? 0 : rows,
    steps: (columns * channels) / 4,
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
  /** For panels that hold other outputs too: lane and offset of each output to keep. */
  const partial = new Map<number, number[]>();
  const columns = column.kind.outputs * output[2];
  for (let y = row.outputs.from; y < row.outputs.to; y++) {
    // The outputs from first to last - 1 lie side by side; some of them fill panels.
    const first = y * columns + column.outputs.from * output[2];
    const last = y * columns + column.outputs.to * output[2];
    const offsetOf = (index: number) => (y * output[1] * output[2] + index - y * columns) * 4;
    const [whole, end] = [Math.ceil(first / 4), Math.floor(last / 4)];
    if (whole < end) {
      runs.push({ first: whole, panels: end - whole, offset: offsetOf(whole * 4), scatter: 0 });
    }
    for (let index = first; index < last; index++) {
      if (index === whole * 4 && whole < end) index = end * 4;
      if (index === last) break;
      const kept = partial.get(index >> 2) ?? [];
      kept.push((index & 3) * 4, offsetOf(index));
      partial.set(index >> 2, kept);
    }
  }
  for (const [first, kept] of partial) {
    runs.push({ first, panels: 1, offset: 0, scatter: write([kept.length / 2, ...kept]) });
  }
  return runs;
}
