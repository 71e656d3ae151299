// The operations of the prior over codes, one cell at a time (scheme vq1, which shared/latent/codes/prior-reference.ts
// defines). Lanes are outputs, so every output is one sum in a fixed order.

import { exp, sigmoid } from "./exponential";

/** Floats = table[bytes]. */
export function expand(table: usize, source: usize, count: i32, to: usize): void {
  const end = source + <usize>count;
  for (; source < end; source++, to += 4) {
    store<f32>(to, load<f32>(table + ((<usize>load<u8>(source)) << 2)));
  }
}

/**
 * sums [outputs] += x [inputs] times weights [inputs, outputs], input by input.
 * @param outputs  a multiple of 4
 */
export function accumulate(x: usize, inputs: i32, weights: usize, outputs: i32, sums: usize): void {
  const stride = (<usize>outputs) << 2;
  const end = x + ((<usize>inputs) << 2);
  let at: usize = 0;
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

/** out [channels] = tanh(a) * sigmoid(b), where sums [2 * channels] hold all a, then all b. */
export function gate(sums: usize, channels: i32, out: usize): void {
  const bytes = (<usize>channels) << 2;
  const two = f32x4.splat(2);
  for (let at: usize = 0; at < bytes; at += 16) {
    const doubled = sigmoid(f32x4.mul(two, v128.load(sums + at)));
    const tanh = f32x4.sub(f32x4.mul(two, doubled), f32x4.splat(1));
    v128.store(out + at, f32x4.mul(tanh, sigmoid(v128.load(sums + bytes + at))));
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
