// From sums to outputs: bias, activation, and the place in the image.

import { Operation } from "./program";

/** Scratch memory for four outputs that are to be scattered. */
const WAITING: usize = 0;

/**
 * Adds bias, applies relu, and stores the four outputs of a panel.
 * @param panel  16 * its number
 * @param output  of the first panel at this position
 */
export function emit(op: Operation, panel: usize, sum: v128, output: usize): void {
  const result = activate(op, panel, sum);
  const list = op.scatter;
  if (list === 0) {
    v128.store(output + panel, result);
    return;
  }
  v128.store(WAITING, result);
  const end = list + 4 + ((<usize>load<i32>(list)) << 3);
  for (let at = list + 4; at < end; at += 8) {
    store<f32>(output + load<usize>(at, 4), load<f32>(WAITING + load<usize>(at)));
  }
}

/**
 * Adds bias and applies relu.
 * @param panel  16 * its number
 */
export function activate(op: Operation, panel: usize, sum: v128): v128 {
  const result = f32x4.add(sum, v128.load(op.bias + panel));
  // x > 0 ? x : +0, for NaN too: pmax(a, b) is a < b ? b : a.
  return op.relu ? f32x4.pmax(f32x4.splat(0), result) : result;
}
