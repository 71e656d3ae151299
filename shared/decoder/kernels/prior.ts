// The operations of the prior over codes, one cell at a time for several digits, a row each (scheme vq1, which
// shared/latent/codes/prior-reference.ts defines). Lanes are outputs, so every output is one sum in a fixed order.

import { exp, sigmoid } from "./exponential";

/** Floats = table[bytes]. */
export function expand(table: usize, source: usize, count: i32, to: usize): void {
  const end = source + <usize>count;
  for (; source < end; source++, to += 4) {
    store<f32>(to, load<f32>(table + ((<usize>load<u8>(source)) << 2)));
  }
}

/**
 * Copies rows of a table: to [row] = table [indices [row]].
 * @param step  bytes from one row of the table to the next; 0 copies the first one to all
 * @param bytes  of a row
 * @param indices  int32 [rows]
 */
export function gather(table: usize, step: usize, bytes: usize, indices: usize, to: usize, rows: i32): void {
  for (let row = 0; row < rows; row++, to += bytes) {
    memory.copy(to, table + step * load<usize>(indices + ((<usize>row) << 2)), bytes);
  }
}

/**
 * sums [rows, outputs] += x [rows, inputs] times weights [inputs, outputs], each sum input by input. Two rows and sixteen
 * outputs at a time, so that the weights of sixteen outputs stay in the L1 cache for all rows.
 * @param outputs  a multiple of 4
 */
export function accumulate(
  x: usize,
  inputs: i32,
  weights: usize,
  outputs: i32,
  sums: usize,
  rows: i32,
): void {
  const stride = (<usize>outputs) << 2;
  const xStride = (<usize>inputs) << 2;
  const pairs = rows & ~1;
  const tiles = pairs > 0 ? stride & ~63 : 0;
  for (let at: usize = 0; at < tiles; at += 64) {
    for (let row = 0; row < pairs; row += 2) {
      const from = x + <usize>row * xStride;
      accumulatePair(from, xStride, weights + at, stride, sums + <usize>row * stride + at);
    }
  }
  for (let row = 0; row < rows; row++) {
    const from = x + <usize>row * xStride;
    accumulateRow(from, xStride, weights, stride, sums + <usize>row * stride, row < pairs ? tiles : 0);
  }
}

/** Sixteen outputs of two rows. */
function accumulatePair(x: usize, xStride: usize, w: usize, stride: usize, sums: usize): void {
  const below = sums + stride;
  let a0 = v128.load(sums);
  let a1 = v128.load(sums, 16);
  let a2 = v128.load(sums, 32);
  let a3 = v128.load(sums, 48);
  let b0 = v128.load(below);
  let b1 = v128.load(below, 16);
  let b2 = v128.load(below, 32);
  let b3 = v128.load(below, 48);
  for (const end = x + xStride; x < end; x += 4, w += stride) {
    const a = v128.load32_splat(x);
    const b = v128.load32_splat(x + xStride);
    let u = v128.load(w);
    a0 = f32x4.add(a0, f32x4.mul(a, u));
    b0 = f32x4.add(b0, f32x4.mul(b, u));
    u = v128.load(w, 16);
    a1 = f32x4.add(a1, f32x4.mul(a, u));
    b1 = f32x4.add(b1, f32x4.mul(b, u));
    u = v128.load(w, 32);
    a2 = f32x4.add(a2, f32x4.mul(a, u));
    b2 = f32x4.add(b2, f32x4.mul(b, u));
    u = v128.load(w, 48);
    a3 = f32x4.add(a3, f32x4.mul(a, u));
    b3 = f32x4.add(b3, f32x4.mul(b, u));
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(sums, a2, 32);
  v128.store(sums, a3, 48);
  v128.store(below, b0);
  v128.store(below, b1, 16);
  v128.store(below, b2, 32);
  v128.store(below, b3, 48);
}

/** The outputs of one row from `at` bytes on. */
function accumulateRow(
  x: usize,
  xStride: usize,
  weights: usize,
  stride: usize,
  sums: usize,
  at: usize,
): void {
  const end = x + xStride;
  for (; at + 128 <= stride; at += 128) {
    let w = weights + at;
    let s0 = v128.load(sums + at);
    let s1 = v128.load(sums + at, 16);
    let s2 = v128.load(sums + at, 32);
    let s3 = v128.load(sums + at, 48);
    let s4 = v128.load(sums + at, 64);
    let s5 = v128.load(sums + at, 80);
    let s6 = v128.load(sums + at, 96);
    let s7 = v128.load(sums + at, 112);
    for (let from = x; from < end; from += 4, w += stride) {
      const value = v128.load32_splat(from);
      s0 = f32x4.add(s0, f32x4.mul(value, v128.load(w)));
      s1 = f32x4.add(s1, f32x4.mul(value, v128.load(w, 16)));
      s2 = f32x4.add(s2, f32x4.mul(value, v128.load(w, 32)));
      s3 = f32x4.add(s3, f32x4.mul(value, v128.load(w, 48)));
      s4 = f32x4.add(s4, f32x4.mul(value, v128.load(w, 64)));
      s5 = f32x4.add(s5, f32x4.mul(value, v128.load(w, 80)));
      s6 = f32x4.add(s6, f32x4.mul(value, v128.load(w, 96)));
      s7 = f32x4.add(s7, f32x4.mul(value, v128.load(w, 112)));
    }
    v128.store(sums + at, s0);
    v128.store(sums + at, s1, 16);
    v128.store(sums + at, s2, 32);
    v128.store(sums + at, s3, 48);
    v128.store(sums + at, s4, 64);
    v128.store(sums + at, s5, 80);
    v128.store(sums + at, s6, 96);
    v128.store(sums + at, s7, 112);
  }
  for (; at < stride; at += 16) {
    let w = weights + at;
    let sum = v128.load(sums + at);
    for (let from = x; from < end; from += 4, w += stride) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(from), v128.load(w)));
    }
    v128.store(sums + at, sum);
  }
}

/** out [rows, channels] = tanh(a) * sigmoid(b), where each row of sums [rows, 2 * channels] holds all a, then all b. */
export function gate(sums: usize, channels: i32, out: usize, rows: i32): void {
  const bytes = (<usize>channels) << 2;
  const two = f32x4.splat(2);
  for (let row = 0; row < rows; row++, sums += bytes << 1) {
    for (const end = out + bytes; out < end; out += 16, sums += 16) {
      const doubled = sigmoid(f32x4.mul(two, v128.load(sums)));
      const tanh = f32x4.sub(f32x4.mul(two, doubled), f32x4.splat(1));
      v128.store(out, f32x4.mul(tanh, sigmoid(v128.load(sums + bytes))));
    }
    sums -= bytes;
  }
}

/** out [count] = x > 0 ? x : +0; a count is a multiple of 4. */
export function rectify(x: usize, count: i32, out: usize): void {
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, out += 16) v128.store(out, f32x4.pmax(f32x4.splat(0), v128.load(x)));
}

/** out [count] += x [count] */
export function addTo(out: usize, x: usize, count: i32): void {
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, out += 16) v128.store(out, f32x4.add(v128.load(out), v128.load(x)));
}

/**
 * scores [count] -> exp((score - greatest) * sharpness).
 * @param sharpness  1 / temperature
 */
export function weigh(scores: usize, count: i32, sharpness: f32): void {
  const end = scores + ((<usize>count) << 2);
  let greatest = load<f32>(scores);
  for (let at = scores; at < end; at += 4) {
    const score = load<f32>(at);
    if (score > greatest) greatest = score;
  }
  for (let at = scores; at < end; at += 16) {
    const below = f32x4.sub(v128.load(at), f32x4.splat(greatest));
    v128.store(at, exp(f32x4.mul(below, f32x4.splat(sharpness))));
  }
}

/** The first code at which the sum of the weights so far exceeds `share` of their total; summed in float64. */
export function pick(weights: usize, count: i32, share: f64): i32 {
  let total: f64 = 0;
  for (let code = 0; code < count; code++) total += <f64>load<f32>(weights + ((<usize>code) << 2));
  const target = share * total;
  let sum: f64 = 0;
  let last = 0;
  for (let code = 0; code < count; code++) {
    const weight = load<f32>(weights + ((<usize>code) << 2));
    if (weight > 0) last = code;
    sum += <f64>weight;
    if (sum > target) return code;
  }
  return last;
}
