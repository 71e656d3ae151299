// Grey levels of a part of an image in more or fewer pixels, with fractions kept.

import type { Box, GreyImage } from "../raster.ts";

/** Grey levels before they are rounded, row by row. */
export interface Levels {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

/** Levels of a box in width x height other pixels: rows, then columns. */
export function resample(
  { width: stride, pixels }: GreyImage,
  box: Box,
  width: number,
  height: number,
): Levels {
  const [columns, rows] = [samplesOf(box.width, width), samplesOf(box.height, height)];
  const narrow = new Float64Array(width * box.height);
  for (let y = 0; y < box.height; y++) {
    const start = (box.y + y) * stride + box.x;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const [from, weight] of columns[x]!) sum += weight * pixels[start + from]!;
      narrow[y * width + x] = sum;
    }
  }
  const values = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const [from, weight] of rows[y]!) sum += weight * narrow[from * width + x]!;
      values[y * width + x] = sum;
    }
  }
  return { width, height, values };
}

/**
 * The sources of each pixel of a line that is resampled: to fewer pixels, the mean of all that each covers (so edges come
 * out smooth and no line falls between); to more, linear interpolation of the two nearest.
 */
function samplesOf(from: number, to: number): (readonly [from: number, weight: number])[][] {
  const ratio = from / to;
  return Array.from({ length: to }, (_, i) => {
    if (ratio < 1) {
      const position = Math.min(Math.max((i + 0.5) * ratio - 0.5, 0), from - 1);
      const before = Math.min(Math.floor(position), Math.max(from - 2, 0));
      const share = position - before;
      return share === 0
        ? [[before, 1]]
        : [
            [before, 1 - share],
            [before + 1, share],
          ];
    }
    const [start, end] = [i * ratio, (i + 1) * ratio];
    const samples: [number, number][] = [];
    for (let at = Math.floor(start); at < Math.min(end, from); at++) {
      const overlap = Math.min(at + 1, end) - Math.max(at, start);
      if (overlap > 0) samples.push([at, overlap / ratio]);
    }
    return samples;
  });
}
