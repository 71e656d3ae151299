// Pixels from logits, bit-equal to ../../arithmetic/transcendental.ts and ../reference.ts.

import { sigmoid } from "./exponential";

/**
 * Pixel = activation(logit) * 255 rounded half up, as a byte.
 * @param isHard  the activation is hardSigmoid, else it is sigmoid
 * @param to  room for `count` bytes, rounded up to four
 */
export function pixelsFromLogits(logits: usize, count: i32, isHard: bool, to: usize): void {
  const end = to + <usize>count;
  for (; to < end; to += 4, logits += 16) {
    const x = v128.load(logits);
    const scaled = f32x4.mul(isHard ? hardSigmoid(x) : sigmoid(x), f32x4.splat(255));
    const words = i32x4.trunc_sat_f32x4_u(f32x4.add(scaled, f32x4.splat(0.5)));
    const halves = i16x8.narrow_i32x4_u(words, words);
    v128.store32_lane(to, i8x16.narrow_i16x8_u(halves, halves), 0);
  }
}

/** Between 0 and 1; of NaN, as of the reference's, 0 (trunc_sat). */
function hardSigmoid(x: v128): v128 {
  const line = f32x4.add(f32x4.mul(f32x4.splat(0.2), x), f32x4.splat(0.5));
  return f32x4.min(f32x4.max(line, f32x4.splat(0)), f32x4.splat(1));
}
