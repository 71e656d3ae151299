// Pixels from logits, bit-equal to ../../arithmetic/transcendental.ts and ../reference.ts.

import { sigmoid } from "./exponential";

/**
 * Pixel = sigmoid(logit) * 255 rounded half up, as a byte.
 * @param to  room for `count` bytes, rounded up to four
 */
export function pixelsFromLogits(logits: usize, count: i32, to: usize): void {
  const end = to + <usize>count;
  for (; to < end; to += 4, logits += 16) {
    const scaled = f32x4.mul(sigmoid(v128.load(logits)), f32x4.splat(255));
    const words = i32x4.trunc_sat_f32x4_u(f32x4.add(scaled, f32x4.splat(0.5)));
    const halves = i16x8.narrow_i32x4_u(words, words);
    v128.store32_lane(to, i8x16.narrow_i16x8_u(halves, halves), 0);
  }
}
