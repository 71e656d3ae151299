// Which inputs meet which outputs along one axis of a convolution. Neighbouring outputs that see the same inputs form a
// run: the sub-pixel phases of a transposed convolution whose kernel is a multiple of its stride, a single output
// otherwise. Runs of one kind share their kernel; those of one class also lose the same taps to the image's border.

import { paddingBefore } from "../model/spec.ts";

export interface Axis {
  readonly isTransposed: boolean;
  /** Pixels of the layer's input and output. */
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
}

/** A run as it would be without borders. */
export interface RunKind {
  readonly outputs: number;
  readonly taps: number;
  /** Kernel position that connects the first output and the first tap. */
  readonly first: number;
}

export interface RunClass {
  readonly kind: RunKind;
  /** Taps inside the input; outputs inside the output. */
  readonly taps: Range;
  readonly outputs: Range;
  readonly runs: readonly {
    /** Pixel under the first tap that is inside. */
    readonly input: number;
    /** Pixel of the kind's first output, which may lie before the image. */
    readonly output: number;
  }[];
}

/** from <= i < to. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** All runs along an axis, by class. */
export function classifyRuns(axis: Axis): readonly RunClass[] {
  const { isTransposed, input, output, kernel, stride } = axis;
  const before = isTransposed
    ? paddingBefore(output, input, kernel, stride)
    : paddingBefore(input, output, kernel, stride);
  const windowOf = (o: number): Range =>
    isTransposed
      ? { from: Math.ceil((o + before - kernel + 1) / stride), to: Math.floor((o + before) / stride) + 1 }
      : { from: o * stride - before, to: o * stride - before + kernel };
  const isSame = (o: number, { from, to }: Range) => {
    const other = windowOf(o);
    return other.from === from && other.to === to;
  };

  const classes = new Map<string, RunClass & { runs: RunClass["runs"][number][] }>();
  for (let start = 0, end = 0; end < output; start = end) {
    const window = windowOf(start);
    while (isSame(start - 1, window)) start--;
    do end++;
    while (isSame(end, window));
    const kind = {
      outputs: end - start,
      taps: window.to - window.from,
      first: isTransposed ? start + before - window.from * stride : 0,
    };
    const from = Math.max(0, -window.from);
    const taps = { from, to: Math.max(from, Math.min(kind.taps, input - window.from)) };
    const outputs = { from: Math.max(0, -start), to: Math.min(kind.outputs, output - start) };
    const key = `${kind.outputs} ${kind.taps} ${kind.first} ${taps.from} ${taps.to} ${outputs.from} ${outputs.to}`;
    const found = classes.get(key) ?? { kind, taps, outputs, runs: [] };
    found.runs.push({ input: window.from + taps.from, output: start });
    classes.set(key, found);
  }
  return [...classes.values()];
}
