// exp (the polynomial of Cephes' expf) and the logistic function of four numbers, bit-equal to
// ../../arithmetic/transcendental.ts.

const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;
/** Adding and subtracting 1.5 * 2^23 rounds a small float32 to the nearest integer, ties to even. */
const ROUND_MAGIC: f32 = 12582912;

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** expFloat32; pmax and pmin keep NaN, as its comparisons do. */
export function exp(x: v128): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-80)), f32x4.splat(80));
  const magic = f32x4.splat(ROUND_MAGIC);
  const shifted = f32x4.add(f32x4.mul(clamped, f32x4.splat(Mathf.LOG2E)), magic);
  const n = f32x4.sub(shifted, magic);
  const reduced = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  const r = f32x4.sub(reduced, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  const y = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // The lowest bits of `shifted` are those of n.
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
  return f32x4.mul(y, power);
}
