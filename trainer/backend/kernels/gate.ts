// The gate of a gated convolution, tanh(a) * sigmoid(b), where a row holds all a, then all b; and its gradient.
//   tanh(a) = 2 sigmoid(2a) - 1,   d tanh = 1 - tanh^2,   d sigmoid = sigmoid (1 - sigmoid)

import { sigmoid } from "../../../shared/decoder/kernels/exponential";

/**
 * @param rows  [count, 2 * channels]
 * @param out  [count, channels], written; channels are a multiple of 4
 */
export function gate(rows: usize, count: i32, channels: i32, out: usize): void {
  const bytes = (<usize>channels) << 2;
  for (let row = 0; row < count; row++, rows += 2 * bytes, out += bytes) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const t = tanh(v128.load(rows + at));
      v128.store(out + at, f32x4.mul(t, sigmoid(v128.load(rows + bytes + at))));
    }
  }
}

/**
 * @param upstream  [count, channels], the gradient by `out`
 * @param gradient  [count, 2 * channels], written
 */
export function gateGradient(rows: usize, upstream: usize, count: i32, channels: i32, gradient: usize): void {
  const bytes = (<usize>channels) << 2;
  const one = f32x4.splat(1);
  for (let row = 0; row < count; row++, rows += 2 * bytes, gradient += 2 * bytes, upstream += bytes) {
    for (let at: usize = 0; at < bytes; at += 16) {
      const t = tanh(v128.load(rows + at));
      const s = sigmoid(v128.load(rows + bytes + at));
      const d = v128.load(upstream + at);
      const byA = f32x4.mul(s, f32x4.sub(one, f32x4.mul(t, t)));
      const byB = f32x4.mul(f32x4.mul(t, s), f32x4.sub(one, s));
      v128.store(gradient + at, f32x4.mul(d, byA));
      v128.store(gradient + bytes + at, f32x4.mul(d, byB));
    }
  }
}

function tanh(a: v128): v128 {
  const two = f32x4.splat(2);
  return f32x4.sub(f32x4.mul(two, sigmoid(f32x4.mul(two, a))), f32x4.splat(1));
}
