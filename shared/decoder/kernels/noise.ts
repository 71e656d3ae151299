// Planes of noise, bit-equal to ../noise.ts, four places at a time.

const KEY_STEP: i32 = 0x9e3779b1;
const MEAN: f32 = 16;
const SCALE: f32 = 0.3535533845424652;

export function planeKey(first: i32, plane: i32): i32 {
  return i32x4.extract_lane(fmix32(i32x4.splat(first + plane * KEY_STEP)), 0);
}

/**
 * Writes a plane's numbers.
 * @param to  the first; each is `stride` bytes after the one before
 */
export function fillPlane(key: i32, places: i32, to: usize, stride: usize): void {
  for (let place = 0; place < places; place += 4, to += stride << 2) {
    const hash = fmix32(i32x4.add(i32x4.splat(key + place), i32x4(0, 1, 2, 3)));
    const pairs = i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(hash));
    const bits = f32x4.convert_i32x4_u(i32x4.extadd_pairwise_i16x8_u(pairs));
    const noise = f32x4.mul(f32x4.sub(bits, f32x4.splat(MEAN)), f32x4.splat(SCALE));
    v128.store32_lane(to, noise, 0);
    if (place + 1 < places) v128.store32_lane(to + stride, noise, 1);
    if (place + 2 < places) v128.store32_lane(to + stride * 2, noise, 2);
    if (place + 3 < places) v128.store32_lane(to + stride * 3, noise, 3);
  }
}

/** MurmurHash3's finaliser. */
function fmix32(hash: v128): v128 {
  let x = i32x4.mul(v128.xor(hash, i32x4.shr_u(hash, 16)), i32x4.splat(0x85ebca6b));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}
