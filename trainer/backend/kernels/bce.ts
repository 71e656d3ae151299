// Binary cross-entropy of Bernoulli pixels, from logits, with its gradient in the same pass.
//   loss(x, t) = max(x, 0) - x t + log(1 + exp(-|x|)),   d loss / dx = sigmoid(x) - t
// which neither overflows nor cancels for any finite x.

import { exp } from "../../../shared/decoder/kernels/exponential";

/** Losses that are summed in float32 before the sum is added to a float64. */
const RUN: i32 = 1024;

/**
 * @param gradient  [size], written
 * @param loss  one float, written: the sum over all elements, in nats
 */
export function bceWithLogits(logits: usize, targets: usize, size: i32, gradient: usize, loss: usize): void {
  let total: f64 = 0;
  let i = 0;
  const whole = size & ~3;
  while (i < whole) {
    const stop = min(whole, i + RUN);
    let sum = f32x4.splat(0);
    for (; i < stop; i += 4) {
      const at = (<usize>i) << 2;
      const x = v128.load(logits + at);
      const t = v128.load(targets + at);
      const e = exp(f32x4.neg(f32x4.abs(x)));
      v128.store(gradient + at, f32x4.sub(sigmoid(x, e), t));
      sum = f32x4.add(sum, lossOf(x, t, e));
    }
    total +=
      <f64>f32x4.extract_lane(sum, 0) +
      <f64>f32x4.extract_lane(sum, 1) +
      <f64>f32x4.extract_lane(sum, 2) +
      <f64>f32x4.extract_lane(sum, 3);
  }
  for (; i < size; i++) {
    const at = (<usize>i) << 2;
    const x = v128.load32_splat(logits + at);
    const t = v128.load32_splat(targets + at);
    const e = exp(f32x4.neg(f32x4.abs(x)));
    v128.store32_lane(gradient + at, f32x4.sub(sigmoid(x, e), t), 0);
    total += <f64>f32x4.extract_lane(lossOf(x, t, e), 0);
  }
  store<f32>(loss, <f32>total);
}

function lossOf(x: v128, t: v128, e: v128): v128 {
  const linear = f32x4.sub(f32x4.max(x, f32x4.splat(0)), f32x4.mul(x, t));
  return f32x4.add(linear, log1p(e));
}

/** sigmoid(x), given e = exp(-|x|). */
function sigmoid(x: v128, e: v128): v128 {
  const one = f32x4.splat(1);
  const numerator = v128.bitselect(one, e, f32x4.ge(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one, e));
}

/** log(1 + e) for 0 <= e <= 1, as 2 artanh(s) with s = e / (2 + e) <= 1/3: eight terms of its series reach float32. */
function log1p(e: v128): v128 {
  const s = f32x4.div(e, f32x4.add(e, f32x4.splat(2)));
  const q = f32x4.mul(s, s);
  let p = f32x4.splat(2.0 / 15.0);
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(2.0 / 13.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(2.0 / 11.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(2.0 / 9.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(2.0 / 7.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(2.0 / 5.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(2.0 / 3.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(2.0));
  return f32x4.mul(p, s);
}
