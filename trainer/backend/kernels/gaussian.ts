// A draw from each q(z|x) = N(mu, exp(logVar)), and their KL divergence from N(0, 1) (Kingma & Welling 2014, 2.4 and App. B).
//   z = mu + sigma noise,   KL = sum of (mu^2 + sigma^2 - 1 - logVar) / 2,   sigma = exp(logVar / 2)
// Rows of `heads` hold all mu, then all logVar. Numbers beyond the last whole vector are taken one at a time.

import { exp } from "../../../shared/decoder/kernels/exponential";

/**
 * @param heads  [rows, 2 * dim]
 * @param noise  [rows, dim]
 * @param z  [rows, dim], written
 * @param kl  one float, written: the sum over all rows, in nats
 */
export function drawGaussians(heads: usize, noise: usize, rows: i32, dim: i32, z: usize, kl: usize): void {
  const width = (<usize>dim) << 2;
  let total: f64 = 0;
  for (let row = 0; row < rows; row++, heads += 2 * width, noise += width, z += width) {
    let at: usize = 0;
    for (; at + 16 <= width; at += 16) {
      const terms = draw(
        v128.load(heads + at),
        v128.load(heads + width + at),
        v128.load(noise + at),
        z + at,
        4,
      );
      total += <f64>(f32x4.extract_lane(terms, 0) + f32x4.extract_lane(terms, 1));
      total += <f64>(f32x4.extract_lane(terms, 2) + f32x4.extract_lane(terms, 3));
    }
    for (; at < width; at += 4) {
      const mu = v128.load32_splat(heads + at);
      const logVar = v128.load32_splat(heads + width + at);
      const terms = draw(mu, logVar, v128.load32_splat(noise + at), z + at, 1);
      total += <f64>f32x4.extract_lane(terms, 0);
    }
  }
  store<f32>(kl, <f32>(total / 2));
}

/** Writes `lanes` numbers of z. @returns twice what each adds to the KL */
function draw(mu: v128, logVar: v128, noise: v128, z: usize, lanes: i32): v128 {
  const sigma = exp(f32x4.mul(logVar, f32x4.splat(0.5)));
  const drawn = f32x4.add(mu, f32x4.mul(sigma, noise));
  if (lanes === 4) v128.store(z, drawn);
  else v128.store32_lane(z, drawn, 0);
  const squares = f32x4.add(f32x4.mul(mu, mu), f32x4.mul(sigma, sigma));
  return f32x4.sub(f32x4.sub(squares, f32x4.splat(1)), logVar);
}

/**
 * The gradient by the heads: dz + dKl mu by mu, and (dz noise sigma + dKl (sigma^2 - 1)) / 2 by logVar.
 * @param dz  [rows, dim]
 * @param dKl  one float
 * @param dHeads  [rows, 2 * dim], written
 */
export function drawGaussiansGradient(
  heads: usize,
  noise: usize,
  dz: usize,
  dKl: usize,
  rows: i32,
  dim: i32,
  dHeads: usize,
): void {
  const width = (<usize>dim) << 2;
  const slope = v128.load32_splat(dKl);
  for (let row = 0; row < rows; row++, noise += width, dz += width, heads += 2 * width, dHeads += 2 * width) {
    let at: usize = 0;
    for (; at + 16 <= width; at += 16) {
      const upstream = v128.load(dz + at);
      v128.store(dHeads + at, byMu(v128.load(heads + at), upstream, slope));
      const logVar = v128.load(heads + width + at);
      v128.store(dHeads + width + at, byLogVar(logVar, v128.load(noise + at), upstream, slope));
    }
    for (; at < width; at += 4) {
      const upstream = v128.load32_splat(dz + at);
      v128.store32_lane(dHeads + at, byMu(v128.load32_splat(heads + at), upstream, slope), 0);
      const logVar = v128.load32_splat(heads + width + at);
      const gradient = byLogVar(logVar, v128.load32_splat(noise + at), upstream, slope);
      v128.store32_lane(dHeads + width + at, gradient, 0);
    }
  }
}

function byMu(mu: v128, dz: v128, slope: v128): v128 {
  return f32x4.add(dz, f32x4.mul(slope, mu));
}

function byLogVar(logVar: v128, noise: v128, dz: v128, slope: v128): v128 {
  const sigma = exp(f32x4.mul(logVar, f32x4.splat(0.5)));
  const spread = f32x4.mul(f32x4.mul(dz, noise), sigma);
  const kl = f32x4.mul(slope, f32x4.sub(f32x4.mul(sigma, sigma), f32x4.splat(1)));
  return f32x4.mul(f32x4.add(spread, kl), f32x4.splat(0.5));
}
