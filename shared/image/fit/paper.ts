// Cuts a sheet of paper on something else out of the picture.

import type { Box, GreyImage, RgbaImage } from "../raster.ts";

/** Least level of paper, where paper was taken for ink; and how much of each side of the part must be paper. */
const PAPER_LEVEL = 128;
const PAPER_SIDE_SHARE = 0.99;

/** The largest part of a sheet of paper that has paper along all of its sides, in the picture's pixels. */
export function innerBox({ width: stride, pixels }: GreyImage, paper: Box, pixelSide: number): Box {
  let { x: left, y: top } = paper;
  let [right, bottom] = [left + paper.width - 1, top + paper.height - 1];
  const share = (from: number, to: number, at: (i: number) => number) => {
    let count = 0;
    for (let i = from; i <= to; i++) if (pixels[at(i)]! >= PAPER_LEVEL) count++;
    return count / (to - from + 1);
  };
  while (right > left && bottom > top) {
    const shares = [
      share(left, right, (x) => top * stride + x),
      share(left, right, (x) => bottom * stride + x),
      share(top, bottom, (y) => y * stride + left),
      share(top, bottom, (y) => y * stride + right),
    ];
    const least = Math.min(...shares);
    if (least >= PAPER_SIDE_SHARE) break;
    if (least === shares[0]) top++;
    else if (least === shares[1]) bottom--;
    else if (least === shares[2]) left++;
    else right--;
  }
  return {
    x: left * pixelSide,
    y: top * pixelSide,
    width: (right - left + 1) * pixelSide,
    height: (bottom - top + 1) * pixelSide,
  };
}

export function crop({ width: stride, pixels }: RgbaImage, { x, y, width, height }: Box): RgbaImage {
  const part = new Uint8Array(4 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 4 * ((y + row) * stride + x);
    part.set(pixels.subarray(from, from + 4 * width), 4 * row * width);
  }
  return { width, height, pixels: part };
}
