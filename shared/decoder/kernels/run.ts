// Executes a program: operation by operation, and in each, panel by panel, so that a panel's weights stay in the L1
// cache for all positions.

import { sigmoid } from "./exponential";
import { fillPlane, planeKey } from "./noise";
import { Operation, PAD, SILU, SINGLE_OUTPUT } from "./program";
import { multiplyFour, multiplyPair, multiplySingle } from "./residues";

/** @param batch  examples, at most as many as the program was planned for */
export function run(program: usize, batch: i32): void {
  for (let at = program; ; at += offsetof<Operation>()) {
    const op = changetype<Operation>(at);
    if (op.kind === 0) return;
    if (op.kind === PAD) pad(op, batch);
    else if (op.kind === SILU) silu(op, batch);
    else {
      for (let example = 0; example < batch; example += op.group) {
        const input = op.input + <usize>example * op.inputStride;
        const output = op.output + <usize>example * op.outputStride;
        const end = op.positions + ((<usize>(min(op.group, batch - example) * op.positionCount)) << 3);
        multiply(op, end, input, output);
      }
    }
  }
}

/** @param end  of the positions */
function multiply(op: Operation, end: usize, input: usize, output: usize): void {
  const last = end - 8;
  if (op.kind === SINGLE_OUTPUT) {
    for (let at = op.positions; at < end; at += 32) multiplyFour(op, at, last, input, output);
    return;
  }
  const isOdd = ((end - op.positions) & 8) !== 0;
  // An odd last position takes the panels in pairs where it can; for the rest it is paired with itself.
  const hasSingle = isOdd && (op.steps & 1) === 0;
  const singles = hasSingle ? op.panels & ~1 : 0;
  if (hasSingle) multiplySingle(op, last, input, output);
  for (let panel = 0; panel < op.panels; panel++) {
    const stop = panel < singles ? last : end;
    for (let at = op.positions; at < stop; at += 16) {
      multiplyPair(op, <usize>panel, at, min(at + 8, last), input, output);
    }
  }
}

/** Copies pixels of `rows` channels to pixels of `steps` channels, the added ones noise, then zero. */
function pad(op: Operation, batch: i32): void {
  const channels = (<usize>op.rows) << 2;
  const padded = (<usize>op.steps) << 2;
  for (let example = 0; example < batch; example++) {
    const grain = op.panels === 0 ? 0 : load<i32>(op.positions + ((<usize>example) << 2));
    const planes = grain === 0 ? 0 : op.panels;
    const zeros = channels + ((<usize>planes) << 2);
    let from = op.input + <usize>example * op.inputStride;
    let to = op.output + <usize>example * op.outputStride;
    const first = to + channels;
    for (let pixel = 0; pixel < op.positionCount; pixel++, from += channels, to += padded) {
      // The last vector brings numbers of the next pixel, or of the slack at the end, and they are overwritten.
      for (let at: usize = 0; at < channels; at += 16) v128.store(to + at, v128.load(from + at));
      for (let at = zeros; at < padded; at += 4) store<f32>(to + at, 0);
    }
    for (let plane = 0; plane < planes; plane++) {
      const key = planeKey(grain + op.group, plane);
      fillPlane(key, op.positionCount, first + ((<usize>plane) << 2), padded);
    }
  }
}

/** x sigmoid(x) of `steps` vectors, in place; with `rows` the input is added. */
function silu(op: Operation, batch: i32): void {
  const bytes = (<usize>op.steps) << 4;
  for (let example = 0; example < batch; example++) {
    let from = op.input + <usize>example * op.inputStride;
    let to = op.output + <usize>example * op.outputStride;
    for (const end = to + bytes; to < end; to += 16, from += 16) {
      const x = v128.load(to);
      let y = f32x4.mul(x, sigmoid(x));
      if (op.rows) y = f32x4.add(v128.load(from), y);
      v128.store(to, y);
    }
  }
}
