// What lies between the products of a step: biases, activations, averages, sums and copies, each in one pass.

import { sigmoid } from "../../../shared/decoder/kernels/exponential";

/** rows [rows, columns] += bias [columns], then max(0, .) where `relu`. */
export function addBias(rows: usize, count: i32, columns: i32, bias: usize, relu: bool): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  const whole = (<usize>(columns & ~3)) << 2;
  const bytes = (<usize>columns) << 2;
  for (let row = 0; row < count; row++, rows += bytes) {
    for (let at: usize = 0; at < whole; at += 16) {
      // pmax is one instruction; max, which also orders zeros, is several.
      v128.store(rows + at, f32x4.pmax(f32x4.add(v128.load(rows + at), v128.load(bias + at)), floor));
    }
    for (let at = whole; at < bytes; at += 4) {
      const sum = load<f32>(rows + at) + load<f32>(bias + at);
      store<f32>(rows + at, relu ? max<f32>(sum, 0) : sum);
    }
  }
}

/**
 * out = upstream * (x > 0 ? 1 : slope): LeakyReLU (Maas et al. 2013) where upstream is x itself, its gradient where upstream is
 * the gradient by its output.
 */
export function leakyRelu(x: usize, upstream: usize, size: i32, slope: f32, out: usize): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const slopes = f32x4.splat(slope);
  const whole = (<usize>(size & ~3)) << 2;
  const end = (<usize>size) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const factors = v128.bitselect(one, slopes, f32x4.gt(v128.load(x + at), zero));
    v128.store(out + at, f32x4.mul(v128.load(upstream + at), factors));
  }
  for (let at = whole; at < end; at += 4) {
    store<f32>(out + at, load<f32>(upstream + at) * (load<f32>(x + at) > 0 ? <f32>1 : slope));
  }
}

/** out = x sigmoid(x): SiLU (Ramachandran et al. 2017). */
export function silu(x: usize, size: i32, out: usize): void {
  const end = (<usize>size) << 2;
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) {
    const input = v128.load(x + at);
    v128.store(out + at, f32x4.mul(input, sigmoid(input)));
  }
  for (; at < end; at += 4) {
    const input = v128.load32_splat(x + at);
    v128.store32_lane(out + at, f32x4.mul(input, sigmoid(input)), 0);
  }
}

/** out = dy (s + x s (1 - s)) with s = sigmoid(x). */
export function siluGradient(x: usize, dy: usize, size: i32, out: usize): void {
  const end = (<usize>size) << 2;
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) {
    v128.store(out + at, f32x4.mul(v128.load(dy + at), siluSlope(v128.load(x + at))));
  }
  for (; at < end; at += 4) {
    const slope = siluSlope(v128.load32_splat(x + at));
    v128.store32_lane(out + at, f32x4.mul(v128.load32_splat(dy + at), slope), 0);
  }
}

function siluSlope(x: v128): v128 {
  const s = sigmoid(x);
  return f32x4.add(s, f32x4.mul(f32x4.mul(x, s), f32x4.sub(f32x4.splat(1), s)));
}

/** out = a + (b - a) share. */
export function lerp(a: usize, b: usize, size: i32, share: f32, out: usize): void {
  const shares = f32x4.splat(share);
  const end = (<usize>size) << 2;
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) {
    const from = v128.load(a + at);
    v128.store(out + at, f32x4.add(from, f32x4.mul(f32x4.sub(v128.load(b + at), from), shares)));
  }
  for (; at < end; at += 4) {
    const from = load<f32>(a + at);
    store<f32>(out + at, from + (load<f32>(b + at) - from) * share);
  }
}

/** Rows that are summed before they are added to the total: so rounding errors grow with the blocks, not with the rows. */
const BLOCK: i32 = 256;

/** out [columns] = the sum of rows [count, columns] over the rows. */
export function sumRows(rows: usize, count: i32, columns: i32, out: usize): void {
  const stride = (<usize>columns) << 2;
  const whole = (<usize>(columns & ~15)) << 2;
  memory.fill(out, 0, stride);
  for (let row = 0; row < count; row += BLOCK, rows += stride * BLOCK) {
    const end = rows + <usize>min(BLOCK, count - row) * stride;
    for (let at: usize = 0; at < whole; at += 64) {
      let sum0 = f32x4.splat(0);
      let sum1 = f32x4.splat(0);
      let sum2 = f32x4.splat(0);
      let sum3 = f32x4.splat(0);
      for (let from = rows + at; from < end; from += stride) {
        sum0 = f32x4.add(sum0, v128.load(from));
        sum1 = f32x4.add(sum1, v128.load(from, 16));
        sum2 = f32x4.add(sum2, v128.load(from, 32));
        sum3 = f32x4.add(sum3, v128.load(from, 48));
      }
      v128.store(out + at, f32x4.add(v128.load(out + at), sum0));
      v128.store(out + at, f32x4.add(v128.load(out + at, 16), sum1), 16);
      v128.store(out + at, f32x4.add(v128.load(out + at, 32), sum2), 32);
      v128.store(out + at, f32x4.add(v128.load(out + at, 48), sum3), 48);
    }
    for (let at = whole; at < stride; at += 4) {
      let sum: f32 = 0;
      for (let from = rows + at; from < end; from += stride) sum += load<f32>(from);
      store<f32>(out + at, load<f32>(out + at) + sum);
    }
  }
}

/** Copies rows of `bytes`, a multiple of 4, between matrices whose rows are `fromStride` and `toStride` bytes apart. */
export function copyRows(
  from: usize,
  fromStride: usize,
  to: usize,
  toStride: usize,
  rows: i32,
  bytes: usize,
): void {
  const whole = bytes & ~15;
  for (let row = 0; row < rows; row++, from += fromStride, to += toStride) {
    for (let at: usize = 0; at < whole; at += 16) v128.store(to + at, v128.load(from + at));
    for (let at = whole; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at));
  }
}
