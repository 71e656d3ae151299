// The program of a planned network, as ../program.ts writes it into memory: a list of operations that ends with kind 0.
// All addresses and strides are in bytes.

export const PAD: i32 = 1;
export const SILU: i32 = 3;
/** Where each position has one output. */
export const SINGLE_OUTPUT: i32 = 4;

/**
 * One operation: some outputs of all positions in one region of a layer's output, whose windows hold the same taps.
 * The inputs and outputs of consecutive examples are `inputStride` and `outputStride` apart.
 */
@unmanaged
export class Operation {
  kind: i32;
  input: usize;
  inputStride: usize;
  output: usize;
  outputStride: usize;
  /** Pairs of offsets: a window's first input channel, and the first panel's output. */
  positions: usize;
  /** Positions in an example. */
  positionCount: i32;
  /** Examples that are computed together; `positions` lists the positions of all of them. */
  group: i32;
  /** Input rows of a window. */
  rows: i32;
  /** Steps along a window's row, of four input channels each. */
  steps: i32;
  /** From a window's row to the next, and the same in the weights beyond the steps of the row. */
  inputRow: usize;
  weightSkip: usize;
  /** Panels of four outputs, contiguous in all of the following. */
  panels: i32;
  /** Address of the first tap inside the windows: [row][column][step][4 outputs][4 residues]. */
  weights: usize;
  panelBytes: usize;
  bias: usize;
  /** Zero if a panel's outputs lie side by side. Otherwise: how many are kept, then 4 * number and offset of each. */
  scatter: usize;
  /** relu if 1. */
  relu: i32;
}

// Of PAD: `rows` channels become `steps`, of which `panels` are noise; `positions` are the examples' grains, and `group` is
// the first plane's key.

/**
 * A tensor to pack into panels of outputs [rowOutputs][colOutputs][channels]. Steps to a neighbour count elements of the
 * source; those of kernels go backwards where a transposed convolution's taps do.
 */
@unmanaged
export class Bank {
  source: usize;
  /** Address of 256 dequantized values; zero if the source is float32. */
  table: usize;
  to: usize;
  outputs: i32;
  channels: i32;
  colOutputs: i32;
  /** Element of the first output's first tap. */
  origin: i32;
  rowOutput: i32;
  colOutput: i32;
  channelOutput: i32;
  /** Taps. */
  rows: i32;
  columns: i32;
  rowTap: i32;
  colTap: i32;
  inputs: i32;
  inputStep: i32;
  /** Channels that lie side by side: 4 of a kernel, 1 of a bias. */
  residues: i32;
}
