// A convolution as a matrix product whose rows are the windows under the kernel's positions, read where they lie in the
// images (indirect convolution: Dukhan 2019, https://arxiv.org/abs/1907.02129). A window is a run of floats for each row of
// the kernel. Images are NHWC and are copied into a frame of zeros first, so that every window lies inside.

import { pack } from "./pack";
import {
  InA,
  multiplyTile,
  NARROW_COLUMNS,
  NARROW_ROWS,
  storeEdge,
  storeRow,
  TILE_COLUMNS,
  TILE_ROWS,
} from "./tile";

/**
 * Copies images into a frame of zeros.
 * @param height, rowBytes  of an image
 * @param top, left  rows and bytes before it in its frame
 * @param frameHeight, frameRowBytes  of its frame, which has room for it
 */
export function frameImages(
  image: usize,
  images: i32,
  height: i32,
  rowBytes: usize,
  top: i32,
  left: usize,
  frameHeight: i32,
  frameRowBytes: usize,
  frame: usize,
): void {
  const frameBytes = <usize>frameHeight * frameRowBytes;
  memory.fill(frame, 0, <usize>images * frameBytes);
  for (let i = 0; i < images; i++, image += <usize>height * rowBytes, frame += frameBytes) {
    for (let y = 0; y < height; y++) {
      memory.copy(frame + <usize>(top + y) * frameRowBytes + left, image + <usize>y * rowBytes, rowBytes);
    }
  }
}

/**
 * Writes the addresses of all windows, [images, outHeight, outWidth], and the last one again until a tile is full.
 * @param stepY, stepX  bytes between neighbours
 */
export function placeWindows(
  frame: usize,
  images: i32,
  frameBytes: usize,
  outHeight: i32,
  outWidth: i32,
  stepY: usize,
  stepX: usize,
  places: usize,
): void {
  let window: usize = 0;
  for (let i = 0; i < images; i++, frame += frameBytes) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++, places += 4) {
        window = frame + <usize>y * stepY + <usize>x * stepX;
        store<u32>(places, <u32>window);
      }
    }
  }
  for (let i = 1; i < NARROW_ROWS; i++, places += 4) store<u32>(places, <u32>window);
}

/** Packs a matrix [depth, columns], row by row, into panels of TILE_COLUMNS. */
export function packColumns(from: usize, columns: i32, depth: i32, to: usize): void {
  pack(from, 4, (<usize>columns) << 2, columns, depth, TILE_COLUMNS, to);
}

/**
 * Packs a filter [taps, channels, filters], taps backwards and both kinds of channels exchanged, as `packColumns` would
 * pack that matrix [taps * filters, channels].
 */
export function packFlipped(filter: usize, taps: i32, channels: i32, filters: i32, to: usize): void {
  const laneBytes = (<usize>filters) << 2;
  const panelBytes = laneBytes * TILE_COLUMNS;
  for (let channel = 0; channel < channels; channel += TILE_COLUMNS) {
    const lanes = min(TILE_COLUMNS, channels - channel);
    for (let tap = taps - 1; tap >= 0; tap--, to += panelBytes) {
      pack(
        filter + <usize>(tap * channels + channel) * laneBytes,
        laneBytes,
        4,
        lanes,
        filters,
        TILE_COLUMNS,
        to,
      );
    }
  }
}

/**
 * C [rows, columns] = windows [rows, depth] x B [depth, columns].
 * @param runs, runBytes  of a window
 * @param runStride  bytes between the starts of its runs
 * @param b  packColumns of B
 * @param edge  a tile of working memory
 */
export function multiplyWindows(
  places: usize,
  rows: i32,
  runs: i32,
  runBytes: usize,
  runStride: usize,
  b: usize,
  columns: i32,
  c: usize,
  edge: usize,
): void {
  const stride = (<usize>columns) << 2;
  const panelBytes = <usize>runs * runBytes * TILE_COLUMNS;
  for (let column = 0; column < columns; column += TILE_COLUMNS, b += panelBytes) {
    const width = min(TILE_COLUMNS, columns - column);
    if (width <= NARROW_COLUMNS) {
      const target = c + ((<usize>column) << 2);
      multiplyNarrow(places, rows, runs, runBytes, runStride, b, width, target, stride, edge);
      return;
    }
    for (let row = 0; row < rows; row += TILE_ROWS) {
      const height = min(TILE_ROWS, rows - row);
      const isWhole = height === TILE_ROWS && width === TILE_COLUMNS;
      const target = c + <usize>row * stride + ((<usize>column) << 2);
      const to = isWhole ? target : edge;
      const toStride = isWhole ? stride : TILE_COLUMNS << 2;
      multiplyRuns(places + ((<usize>row) << 2), runs, runBytes, runStride, b, to, toStride);
      if (!isWhole) storeEdge(edge, TILE_COLUMNS << 2, height, width, target, stride, false);
    }
  }
}

/** The same for at most NARROW_COLUMNS. */
function multiplyNarrow(
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

/** A tile of C: four windows times a panel of B. */
function multiplyRuns(
  places: usize,
  runs: i32,
  runBytes: usize,
  runStride: usize,
  b: usize,
  c: usize,
  stride: usize,
): void {
  const zero = f32x4.splat(0);
  let c00 = zero;
  let c01 = zero;
  let c10 = zero;
  let c11 = zero;
  let c20 = zero;
  let c21 = zero;
  let c30 = zero;
  let c31 = zero;
  let a = <usize>load<u32>(places);
  const to1 = <usize>load<u32>(places, 4) - a;
  const to2 = <usize>load<u32>(places, 8) - a;
  const to3 = <usize>load<u32>(places, 12) - a;
  const gap = runStride - runBytes;
  for (let run = 0; run < runs; run++, a += gap) {
    const end = a + runBytes;
    while (a < end) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const a0 = v128.load32_splat(a);
      c00 = f32x4.relaxed_madd(a0, b0, c00);
      c01 = f32x4.relaxed_madd(a0, b1, c01);
      const a1 = v128.load32_splat(a + to1);
      c10 = f32x4.relaxed_madd(a1, b0, c10);
      c11 = f32x4.relaxed_madd(a1, b1, c11);
      const a2 = v128.load32_splat(a + to2);
      c20 = f32x4.relaxed_madd(a2, b0, c20);
      c21 = f32x4.relaxed_madd(a2, b1, c21);
      const a3 = v128.load32_splat(a + to3);
      c30 = f32x4.relaxed_madd(a3, b0, c30);
      c31 = f32x4.relaxed_madd(a3, b1, c31);
      a += 4;
      b += 32;
    }
  }
  storeRow(c, c00, c01, false);
  storeRow(c + stride, c10, c11, false);
  storeRow(c + stride * 2, c20, c21, false);
  storeRow(c + stride * 3, c30, c31, false);
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

/**
 * C [depth, columns] += the transpose of windows [rows, depth] x B [rows, columns]; without `accumulate`, =.
 * @param runs, runBytes  of a window
 * @param runStride  bytes between the starts of its runs
 * @param b  packColumns of B
 * @param edge  a tile of working memory
 */
export function multiplyTransposedWindows(
  places: usize,
  rows: i32,
  runs: i32,
  runBytes: usize,
  runStride: usize,
  b: usize,
  columns: i32,
  c: usize,
  accumulate: bool,
  edge: usize,
): void {
  const stride = (<usize>columns) << 2;
  const panelBytes = (<usize>(rows * TILE_COLUMNS)) << 2;
  for (let column = 0; column < columns; column += TILE_COLUMNS, b += panelBytes) {
    const width = min(TILE_COLUMNS, columns - column);
    const isNarrow = width <= NARROW_COLUMNS;
    const tileBytes: usize = (isNarrow ? NARROW_ROWS : TILE_ROWS) << 2;
    const tileWidth = isNarrow ? NARROW_COLUMNS : TILE_COLUMNS;
    let row = c + ((<usize>column) << 2);
    for (let run = 0; run < runs; run++) {
      for (let at: usize = 0; at < runBytes; at += tileBytes) {
        const bytes = min(tileBytes, runBytes - at);
        const isWhole = bytes === tileBytes && width === tileWidth && !(isNarrow && accumulate);
        const offset = <usize>run * runStride + at;
        const to = isWhole ? row : edge;
        const toStride = isWhole ? stride : tileWidth << 2;
        if (isNarrow) multiplyNarrowTile(offset, b, rows, places, to, toStride);
        else multiplyTile<InA>(offset, b, rows, <i32>places, to, toStride, isWhole && accumulate);
        if (!isWhole) storeEdge(edge, toStride, <i32>(bytes >> 2), width, row, stride, accumulate);
        row += (bytes >> 2) * stride;
      }
    }
  }
}

/** A narrow tile of C: eight floats of every window times the first columns of a panel of B. */
function multiplyNarrowTile(a: usize, b: usize, rows: i32, places: usize, c: usize, stride: usize): void {
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
