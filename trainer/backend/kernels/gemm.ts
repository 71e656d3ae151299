// Matrix product of float32 in any transposition, blocked for the caches after Goto & van de Geijn (2008): a block of B
// stays in the L2 cache, one of its panels in the L1 cache, and the panels of A stream past it.

import { closeUp, pack } from "./pack";
import { InB, InNone, multiplyTile, storeEdge, TILE_COLUMNS, TILE_ROWS } from "./tile";

/** Steps of the inner dimension per block: an 8-wide panel of B takes 8 KB of the L1 cache. */
const BLOCK_DEPTH: i32 = 256;
/** Rows of A per block: with the depth above, 128 KB. */
const BLOCK_ROWS: i32 = 128;
/** Columns of B per block: with the depth above, at most 1 MB. */
const BLOCK_COLUMNS: i32 = 1024;

/** Panels of a block of A. */
const PANELS: i32 = BLOCK_ROWS / TILE_ROWS;
/** A count, and the place of each step. */
const PLACES_BYTES: usize = (BLOCK_DEPTH + 1) << 2;

/** Bytes of scratch memory that one `gemm` needs, whatever its shape. */
export function gemmScratchBytes(): i32 {
  return (
    (BLOCK_DEPTH * (BLOCK_ROWS + BLOCK_COLUMNS) + TILE_ROWS * TILE_COLUMNS + PANELS * (BLOCK_DEPTH + 1)) << 2
  );
}

/**
 * C [rows, columns] = A [rows, depth] x B [depth, columns].
 * A transposed operand is the same memory with its two strides exchanged.
 * @param aRow, aDepth, bDepth, bColumn  bytes between neighbours along that dimension
 * @param c  dense, row by row
 * @param scratch  gemmScratchBytes() bytes; holds nothing between calls
 */
export function gemm(
  a: usize,
  aRow: usize,
  aDepth: usize,
  b: usize,
  bDepth: usize,
  bColumn: usize,
  c: usize,
  rows: i32,
  columns: i32,
  depth: i32,
  scratch: usize,
): void {
  const stride = (<usize>columns) << 2;
  const packedB = scratch + ((BLOCK_DEPTH * BLOCK_ROWS) << 2);
  const edgeTile = packedB + ((BLOCK_DEPTH * BLOCK_COLUMNS) << 2);
  const places = edgeTile + ((TILE_ROWS * TILE_COLUMNS) << 2);
  for (let column = 0; column < columns; column += BLOCK_COLUMNS) {
    const width = min(BLOCK_COLUMNS, columns - column);
    for (let k = 0; k < depth; k += BLOCK_DEPTH) {
      const steps = min(BLOCK_DEPTH, depth - k);
      const bBlock = b + <usize>k * bDepth + <usize>column * bColumn;
      pack(bBlock, bColumn, bDepth, width, steps, TILE_COLUMNS, packedB);
      for (let row = 0; row < rows; row += BLOCK_ROWS) {
        const height = min(BLOCK_ROWS, rows - row);
        pack(a + <usize>row * aRow + <usize>k * aDepth, aRow, aDepth, height, steps, TILE_ROWS, scratch);
        closePanels(scratch, height, steps, places);
        const target = c + <usize>row * stride + ((<usize>column) << 2);
        multiplyBlock(scratch, packedB, places, steps, height, width, target, stride, k > 0, edgeTile);
      }
    }
  }
}

/** Closes up the panels of a packed block of A; `places` gets for each how many steps are left, and their places. */
function closePanels(a: usize, height: i32, depth: i32, places: usize): void {
  const aPanel = (<usize>(depth * TILE_ROWS)) << 2;
  for (let row = 0; row < height; row += TILE_ROWS, a += aPanel, places += PLACES_BYTES) {
    store<i32>(places, closeUp(a, depth, TILE_COLUMNS << 2, places + 4));
  }
}

/** All tiles of one packed block of A times one packed block of B. */
function multiplyBlock(
  a: usize,
  b: usize,
  places: usize,
  depth: i32,
  height: i32,
  width: i32,
  c: usize,
  stride: usize,
  accumulate: bool,
  edgeTile: usize,
): void {
  const aPanel = (<usize>(depth * TILE_ROWS)) << 2;
  const bPanel = (<usize>(depth * TILE_COLUMNS)) << 2;
  for (let column = 0; column < width; column += TILE_COLUMNS, b += bPanel) {
    const tileWidth = min(TILE_COLUMNS, width - column);
    let panel = a;
    let kept = places;
    for (let row = 0; row < height; row += TILE_ROWS, panel += aPanel, kept += PLACES_BYTES) {
      const tileHeight = min(TILE_ROWS, height - row);
      const isWhole = tileHeight === TILE_ROWS && tileWidth === TILE_COLUMNS;
      const target = c + <usize>row * stride + ((<usize>column) << 2);
      const to = isWhole ? target : edgeTile;
      const toStride = isWhole ? stride : TILE_COLUMNS << 2;
      const adds = isWhole && accumulate;
      const steps = load<i32>(kept);
      if (steps < depth) multiplyTile<InB>(panel, b, steps, kept + 4, to, toStride, adds);
      else multiplyTile<InNone>(panel, b, depth, false, to, toStride, adds);
      if (!isWhole) storeEdge(edgeTile, TILE_COLUMNS << 2, tileHeight, tileWidth, target, stride, accumulate);
    }
  }
}
