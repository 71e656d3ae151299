// The gate of a gated convolution, tanh(a) * sigmoid(b), where a row holds all a, then all b; and its gradient.
//   tanh(a) = 2 sigmoid(2a) - 1,   d tanh = 1 - tanh^2,   d sigmoid = sigmoid (1 - sigmoid)

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

function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** exp(x) within [-80, 80] (the polynomial of Cephes' expf). */
function exp(x: v128): v128 {
  const clamped = f32x4.min(f32x4.max(x, f32x4.splat(-80)), f32x4.splat(80));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(Mathf.LOG2E)));
  const reduced = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  const r = f32x4.sub(reduced, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  const y = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(y, exponent);
}
