// Rows of pixels as PNG compresses them: each preceded by the number of the filter that was applied to it.
// PNG (Third Edition), 9 Filtering, https://www.w3.org/TR/png-3/#9Filters

import type { GreyImage } from "./raster.ts";

export type Filter = "none" | "up" | "paeth";
const FILTER_TYPE = { none: 0, up: 2, paeth: 4 } as const;

/** Rows that are sampled to choose a filter. */
const SAMPLED_ROWS = 64;

/**
 * Chooses by how much neighbouring rows differ, compared with the amount of ink or ground. A digit of 28 pixels is
 * rough (ratio 0.7 to 3) and shortest without a filter; an enlarged one is smooth, and shorter as differences.
 * The bounds are where the sizes of MNIST's and of decoded digits cross, singly and in grids.
 */
export function chooseFilter({ width, height, pixels }: GreyImage): Filter {
  let contrast = 0;
  let change = 0;
  const step = Math.ceil(height / SAMPLED_ROWS);
  for (let y = step; y < height; y += step) {
    for (let at = y * width; at < (y + 1) * width; at++) {
      const pixel = pixels[at]!;
      const difference = pixel - pixels[at - width]!;
      contrast += pixel < 128 ? pixel : 255 - pixel;
      change += difference < 0 ? -difference : difference;
    }
  }
  if (100 * change >= 85 * contrast) return "none";
  return 100 * change >= 14 * contrast ? "paeth" : "up";
}

/**
 * @param values  the byte that is written for each of the 256 levels
 * @returns height x (1 + width) bytes
 */
export function filterRows(image: GreyImage, values: Uint8Array, filter: Filter): Uint8Array {
  const { width, height } = image;
  const stride = width + 1;
  const pixels = replaceLevels(image.pixels, values);
  const rows = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const row = rows.subarray(y * stride, (y + 1) * stride);
    row[0] = FILTER_TYPE[filter];
    const current = pixels.subarray(y * width, (y + 1) * width);
    if (filter === "none") row.set(current, 1);
    else if (filter === "up") filterUp(row, current, aboveOf(pixels, y, width));
    else filterPaeth(row, current, aboveOf(pixels, y, width));
  }
  return rows;
}

function replaceLevels(levels: Uint8Array, values: Uint8Array): Uint8Array {
  if (isIdentity(values)) return levels;
  const replaced = new Uint8Array(levels.length);
  for (let at = 0; at < levels.length; at++) replaced[at] = values[levels[at]!]!;
  return replaced;
}

function isIdentity(values: Uint8Array): boolean {
  for (let level = 0; level < values.length; level++) if (values[level] !== level) return false;
  return true;
}

/** The row above; zeros above the first. */
function aboveOf(pixels: Uint8Array, y: number, width: number): Uint8Array {
  return y === 0 ? new Uint8Array(width) : pixels.subarray((y - 1) * width, y * width);
}

function filterUp(row: Uint8Array, current: Uint8Array, above: Uint8Array): void {
  for (let x = 0; x < current.length; x++) row[x + 1] = current[x]! - above[x]!;
}

function filterPaeth(row: Uint8Array, current: Uint8Array, above: Uint8Array): void {
  let left = 0;
  let upperLeft = 0;
  for (let x = 0; x < current.length; x++) {
    const up = above[x]!;
    const value = current[x]!;
    // Where nothing changes above, as in most of an image, the left is nearest.
    row[x + 1] = value - (up === upperLeft ? left : paeth(left, up, upperLeft));
    left = value;
    upperLeft = up;
  }
}

/** Left, up or upper left, whichever is nearest to left + up - upper left (9.4). */
export function paeth(left: number, up: number, upperLeft: number): number {
  const byLeft = Math.abs(up - upperLeft);
  const byUp = Math.abs(left - upperLeft);
  const byUpperLeft = Math.abs(left + up - 2 * upperLeft);
  return byLeft <= byUp && byLeft <= byUpperLeft ? left : byUp <= byUpperLeft ? up : upperLeft;
}
