// The inner loop of the matrix product: a tile of 4 x 8 sums in eight SIMD registers, enough to keep busy two multiply-add
// units of latency four. A sixth row makes V8 spill (it has 15 registers on x86-64) and halves the speed. Multiply-add
// is the relaxed instruction: it rounds once on processors with FMA, else twice, so results may differ in the last bits
// between processors.

export const TILE_ROWS: i32 = 4;
export const TILE_COLUMNS: i32 = 8;
/** Of a tile for the last columns where at most four are left: as many sums in eight registers, none for nothing. */
export const NARROW_ROWS: i32 = 8;
export const NARROW_COLUMNS: i32 = 4;

/** Which operand's steps lie elsewhere than side by side: none, A's or B's. */
export type InNone = bool;
export type InA = i32;
export type InB = usize;

/**
 * C tile (+)= A x B. Compiled once for each kind of places, since a test in the loop would cost a tenth of its time.
 * @param a, b  packed panels, steps of 4 and of 8 floats
 * @param depth  steps
 * @param places  uint32 [depth], by its address: for each step how many bytes after `a` or `b` it lies; false where none do
 * @param stride  bytes between rows of C
 * @param accumulate  adds to C; otherwise C is overwritten without being read
 */
export function multiplyTile<Places>(
  a: usize,
  b: usize,
  depth: i32,
  places: Places,
  c: usize,
  stride: usize,
  accumulate: bool,
): void {
  const firstA = a;
  const firstB = b;
  let place = <usize>places;
  const zero = f32x4.splat(0);
  let c00 = zero;
  let c01 = zero;
  let c10 = zero;
  let c11 = zero;
  let c20 = zero;
  let c21 = zero;
  let c30 = zero;
  let c31 = zero;
  const end = isBoolean<Places>() ? a + ((<usize>depth) << 4) : place + ((<usize>depth) << 2);
  while ((isBoolean<Places>() ? a : place) < end) {
    if (!isBoolean<Places>()) {
      if (isSigned<Places>()) a = firstA + load<u32>(place);
      else b = firstB + load<u32>(place);
      place += 4;
    }
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = f32x4.relaxed_madd(a0, b0, c00);
    c01 = f32x4.relaxed_madd(a0, b1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = f32x4.relaxed_madd(a1, b0, c10);
    c11 = f32x4.relaxed_madd(a1, b1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = f32x4.relaxed_madd(a2, b0, c20);
    c21 = f32x4.relaxed_madd(a2, b1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = f32x4.relaxed_madd(a3, b0, c30);
    c31 = f32x4.relaxed_madd(a3, b1, c31);
    a += 16;
    b += 32;
  }
  storeRow(c, c00, c01, accumulate);
  storeRow(c + stride, c10, c11, accumulate);
  storeRow(c + stride * 2, c20, c21, accumulate);
  storeRow(c + stride * 3, c30, c31, accumulate);
}

export function storeRow(c: usize, low: v128, high: v128, accumulate: bool): void {
  if (accumulate) {
    low = f32x4.add(low, v128.load(c));
    high = f32x4.add(high, v128.load(c, 16));
  }
  v128.store(c, low);
  v128.store(c, high, 16);
}

/** The part of a tile that lies inside C. @param tileStride  bytes between rows of the tile */
export function storeEdge(
  tile: usize,
  tileStride: usize,
  height: i32,
  width: i32,
  c: usize,
  stride: usize,
  accumulate: bool,
): void {
  for (let row = 0; row < height; row++, tile += tileStride, c += stride) {
    for (let column = 0; column < width; column++) {
      const offset = (<usize>column) << 2;
      const sum = load<f32>(tile + offset);
      store<f32>(c + offset, accumulate ? load<f32>(c + offset) + sum : sum);
    }
  }
}
