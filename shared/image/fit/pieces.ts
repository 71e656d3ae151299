// The connected pieces of the ink (by sides and corners): specks are dropped, and boxes around the rest.

import { BoxedImageError } from "../../errors.ts";
import type { Box, GreyImage } from "../raster.ts";

/** Pieces of less than this share of all ink are specks. */
const SPECK_SHARE = 0.01;
/** Ink of a box; fainter pixels beside it are its fringe. */
const FAINT = 32;
/** A box's sides lie within this share of its width and height (more than 5 degrees of turn), ... */
const SIDE_DEPTH = 0.12;
/** ... and are drawn along this share of their length, which round digits are not. */
const SIDE_SHARE = 0.9;
/** A box is at most this many times as long as wide: an upright 1 is not a box. */
const MAX_ASPECT = 2;
const MIN_BOX_SIDE = 16;
/** Ink of a box's piece inside its sides, as a share of the room there: up to this the box has no ink inside, ... */
const LONE_SHARE = 0.02;
/** ... and from this on it is paper, in which the digit is a hole. */
const PAPER_SHARE = 0.5;

interface Piece extends Box {
  readonly pixels: Int32Array;
  readonly mass: number;
}

/** @param least  of the levels that connect */
function* piecesOf({ width, height, pixels }: GreyImage, least: number): Generator<Piece> {
  const isSeen = new Uint8Array(pixels.length);
  const queue = new Int32Array(pixels.length);
  for (let start = 0; start < pixels.length; start++) {
    if (pixels[start]! < least || isSeen[start]) continue;
    let [count, mass] = [1, 0];
    let [left, top, right, bottom] = [width, height, 0, 0];
    queue[0] = start;
    isSeen[start] = 1;
    for (let i = 0; i < count; i++) {
      const at = queue[i]!;
      mass += pixels[at]!;
      const x = at % width;
      const y = (at - x) / width;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
      for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
        for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
          const next = ny * width + nx;
          if (pixels[next]! < least || isSeen[next]) continue;
          isSeen[next] = 1;
          queue[count++] = next;
        }
      }
    }
    yield {
      x: left,
      y: top,
      width: right - left + 1,
      height: bottom - top + 1,
      pixels: queue.slice(0, count),
      mass,
    };
  }
}

/** Clears pieces that hold hardly any of the ink. */
export function dropSpecks(levels: GreyImage): void {
  const total = levels.pixels.reduce((sum, level) => sum + level, 0);
  for (const { pixels, mass } of piecesOf(levels, 1)) {
    if (mass < total * SPECK_SHARE) for (const at of pixels) levels.pixels[at] = 0;
  }
}

/** Clears pieces that reach the picture's border. */
export function dropAtBorder(levels: GreyImage): void {
  for (const { x, y, width, height, pixels } of piecesOf(levels, 1)) {
    const isWithin = x > 0 && y > 0 && x + width < levels.width && y + height < levels.height;
    if (!isWithin) for (const at of pixels) levels.pixels[at] = 0;
  }
}

/**
 * Clears boxes that are drawn around other ink.
 * @returns where a sheet of paper lies, if paper was taken for ink
 * @throws BoxedImageError when a box is empty, or touched by the ink within
 */
export function dropBoxes(levels: GreyImage): Box | undefined {
  const pieces = [...piecesOf(levels, FAINT)];
  for (const piece of pieces) {
    if (Math.min(piece.width, piece.height) < MIN_BOX_SIDE) continue;
    if (Math.max(piece.width, piece.height) > MAX_ASPECT * Math.min(piece.width, piece.height)) continue;
    const { sides, within } = outlineOf(piece, levels.width);
    if (sides < SIDE_SHARE) continue;
    if (within >= PAPER_SHARE) return piece;
    if (within > LONE_SHARE) {
      throw new BoxedImageError("the ink touches the box around it; send only what is inside the box");
    }
    if (!pieces.some((other) => encloses(piece, other))) {
      throw new BoxedImageError("there is a box in the image, and no digit in it");
    }
    erase(piece, levels);
  }
  return undefined;
}

/** How much of its shortest side a piece covers, and of the room within its sides. */
function outlineOf(piece: Piece, stride: number): { readonly sides: number; readonly within: number } {
  const { x: left, y: top, width, height, pixels } = piece;
  const [wide, high] = [width, height].map((length) => Math.max(1, Math.floor(length * SIDE_DEPTH))) as [
    number,
    number,
  ];
  const [above, below] = [new Uint8Array(width), new Uint8Array(width)];
  const [before, behind] = [new Uint8Array(height), new Uint8Array(height)];
  let count = 0;
  for (const at of pixels) {
    const x = (at % stride) - left;
    const y = Math.floor(at / stride) - top;
    if (y < high) above[x] = 1;
    if (y >= height - high) below[x] = 1;
    if (x < wide) before[y] = 1;
    if (x >= width - wide) behind[y] = 1;
    if (x >= wide && x < width - wide && y >= high && y < height - high) count++;
  }
  const shares = [above, below, before, behind].map(
    (side) => side.reduce((sum, isDrawn) => sum + isDrawn, 0) / side.length,
  );
  return { sides: Math.min(...shares), within: count / ((width - 2 * wide) * (height - 2 * high)) };
}

function encloses(outer: Box, inner: Box): boolean {
  return (
    inner.x > outer.x &&
    inner.y > outer.y &&
    inner.x + inner.width < outer.x + outer.width &&
    inner.y + inner.height < outer.y + outer.height
  );
}

/** With the fainter pixels beside it. */
function erase(piece: Piece, { width, height, pixels }: GreyImage): void {
  for (const at of piece.pixels) {
    const x = at % width;
    const y = (at - x) / width;
    pixels[at] = 0;
    for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
      for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
        if (pixels[ny * width + nx]! < FAINT) pixels[ny * width + nx] = 0;
      }
    }
  }
}
