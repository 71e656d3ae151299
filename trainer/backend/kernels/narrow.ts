// Tiles for the last columns of a product of windows where at most four are left: eight rows by four columns, in as many
// registers as the usual four by eight, without sums for columns that are not there.

import { NARROW_COLUMNS, NARROW_ROWS, storeEdge, TILE_COLUMNS } from "./tile";

/** multiplyWindows for at most NARROW_COLUMNS; @param width  how many */
export function multiplyNarrow(
  places: usize,
  rows: i32,
  runs: i32,
  runBytes: usize,
  runStride: usize,
  b: usize,
  width: i32,
  c: usize,
  stride: usize,
  edge: usize,
): void {
  for (let row = 0; row < rows; row += NARROW_ROWS, places += NARROW_ROWS << 2, c += stride * NARROW_ROWS) {
    const height = min(NARROW_ROWS, rows - row);
    const isWhole = height === NARROW_ROWS && width === NARROW_COLUMNS;
    const toStride = isWhole ? stride : NARROW_COLUMNS << 2;
    multiplyNarrowRuns(places, runs, runBytes, runStride, b, isWhole ? c : edge, toStride);
    if (!isWhole) storeEdge(edge, toStride, height, width, c, stride, false);
  }
}

/** A narrow tile of C: eight windows times the first columns of a panel of B. */
function multiplyNarrowRuns(
  places: usize,
  runs: i32,
  runBytes: usize,
  runStride: usize,
  b: usize,
  c: usize,
  stride: usize,
): void {
  const zero = f32x4.splat(0);
  let c0 = zero;
  let c1 = zero;
  let c2 = zero;
  let c3 = zero;
  let c4 = zero;
  let c5 = zero;
  let c6 = zero;
  let c7 = zero;
  let a = <usize>load<u32>(places);
  const to1 = <usize>load<u32>(places, 4) - a;
  const to2 = <usize>load<u32>(places, 8) - a;
  const to3 = <usize>load<u32>(places, 12) - a;
  const to4 = <usize>load<u32>(places, 16) - a;
  const to5 = <usize>load<u32>(places, 20) - a;
  const to6 = <usize>load<u32>(places, 24) - a;
  const to7 = <usize>load<u32>(places, 28) - a;
  const gap = runStride - runBytes;
  for (let run = 0; run < runs; run++, a += gap) {
    const end = a + runBytes;
    while (a < end) {
      const b0 = v128.load(b);
      c0 = f32x4.relaxed_madd(v128.load32_splat(a), b0, c0);
      c1 = f32x4.relaxed_madd(v128.load32_splat(a + to1), b0, c1);
      c2 = f32x4.relaxed_madd(v128.load32_splat(a + to2), b0, c2);
      c3 = f32x4.relaxed_madd(v128.load32_splat(a + to3), b0, c3);
      c4 = f32x4.relaxed_madd(v128.load32_splat(a + to4), b0, c4);
      c5 = f32x4.relaxed_madd(v128.load32_splat(a + to5), b0, c5);
      c6 = f32x4.relaxed_madd(v128.load32_splat(a + to6), b0, c6);
      c7 = f32x4.relaxed_madd(v128.load32_splat(a + to7), b0, c7);
      a += 4;
      b += TILE_COLUMNS << 2;
    }
  }
  storeNarrow(c, stride, c0, c1, c2, c3, c4, c5, c6, c7);
}

function storeNarrow(
  c: usize,
  stride: usize,
  c0: v128,
  c1: v128,
  c2: v128,
  c3: v128,
  c4: v128,
  c5: v128,
  c6: v128,
  c7: v128,
): void {
  v128.store(c, c0);
  v128.store(c + stride, c1);
  v128.store(c + stride * 2, c2);
  v128.store(c + stride * 3, c3);
  v128.store(c + stride * 4, c4);
  v128.store(c + stride * 5, c5);
  v128.store(c + stride * 6, c6);
  v128.store(c + stride * 7, c7);
}

/** A narrow tile of C: eight floats of every window times the first columns of a panel of B. */
export function multiplyNarrowTile(
  a: usize,
  b: usize,
  rows: i32,
  places: usize,
  c: usize,
  stride: usize,
): void {
  const zero = f32x4.splat(0);
  let c0 = zero;
  let c1 = zero;
  let c2 = zero;
  let c3 = zero;
  let c4 = zero;
  let c5 = zero;
  let c6 = zero;
  let c7 = zero;
  for (const end = places + ((<usize>rows) << 2); places < end; places += 4, b += TILE_COLUMNS << 2) {
    const at = a + load<u32>(places);
    const b0 = v128.load(b);
    c0 = f32x4.relaxed_madd(v128.load32_splat(at), b0, c0);
    c1 = f32x4.relaxed_madd(v128.load32_splat(at, 4), b0, c1);
    c2 = f32x4.relaxed_madd(v128.load32_splat(at, 8), b0, c2);
    c3 = f32x4.relaxed_madd(v128.load32_splat(at, 12), b0, c3);
    c4 = f32x4.relaxed_madd(v128.load32_splat(at, 16), b0, c4);
    c5 = f32x4.relaxed_madd(v128.load32_splat(at, 20), b0, c5);
    c6 = f32x4.relaxed_madd(v128.load32_splat(at, 24), b0, c6);
    c7 = f32x4.relaxed_madd(v128.load32_splat(at, 28), b0, c7);
  }
  storeNarrow(c, stride, c0, c1, c2, c3, c4, c5, c6, c7);
}
