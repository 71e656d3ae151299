// Pieces of a uniform cubic B-spline between the second and the third of four coefficients, as polynomials of 6 times its
// value, and ink from a field's value and gradient: the arithmetic of ../../image/ink/reference.ts.

/** Paper around an image, in its pixels: beyond it a piece is all paper. */
export const MARGIN: usize = 3;
/** The polynomials' factor, along both axes. */
export const SPLINE_SCALE: f32 = 36;
const LEAST_GRADIENT: f32 = 1e-30;

/** The constant coefficient; also the value at the second of the three. */
export function lineValue(c0: v128, c1: v128, c2: v128): v128 {
  return f32x4.add(f32x4.add(c0, c2), f32x4.mul(f32x4.splat(4), c1));
}

export function linear(c0: v128, c2: v128): v128 {
  return f32x4.mul(f32x4.splat(3), f32x4.sub(c2, c0));
}

export function quadratic(c0: v128, c1: v128, c2: v128): v128 {
  return f32x4.mul(f32x4.splat(3), f32x4.sub(f32x4.add(c0, c2), f32x4.mul(f32x4.splat(2), c1)));
}

export function cubic(c0: v128, c1: v128, c2: v128, c3: v128): v128 {
  return f32x4.add(f32x4.sub(c3, c0), f32x4.mul(f32x4.splat(3), f32x4.sub(c1, c2)));
}

export function horner(a3: v128, a2: v128, a1: v128, a0: v128, t: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(a3, t), a2), t), a1), t), a0);
}

/** Levels per unit of height above the edge's. */
export function slopeFrom(dx: v128, dy: v128, gain: f32): v128 {
  const gradient = f32x4.sqrt(f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy)));
  return f32x4.div(f32x4.splat(gain), f32x4.max(gradient, f32x4.splat(LEAST_GRADIENT)));
}

/** 255 (1/2 + (value - level) * slope), between 0 and 255, rounded half up. */
export function inkOf(values: v128, level: f32, slope: v128): v128 {
  const ink = f32x4.add(f32x4.mul(f32x4.sub(values, f32x4.splat(level)), slope), f32x4.splat(128));
  return i32x4.trunc_sat_f32x4_u(f32x4.min(ink, f32x4.splat(255)));
}
