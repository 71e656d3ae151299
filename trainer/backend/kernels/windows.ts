// A convolution as a matrix product whose rows are the windows under the kernel's positions, read where they lie in the
// images (indirect convolution: Dukhan 2019, https://arxiv.org/abs/1907.02129). A window is a run of floats for each row of
// the kernel. Images are NHWC and are copied into a frame of zeros first, so that every window lies inside.

import { multiplyNarrow, multiplyNarrowTile } from "./narrow";
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
