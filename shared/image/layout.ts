// Several images of one size as one: the strip of a walk, the grid of a report.

import { ArgumentError } from "../errors.ts";
import type { GreyImage } from "./raster.ts";

/**
 * Places images row by row on a black ground.
 * @param columns  images per row, at least 1; the last row may be shorter
 * @throws ArgumentError when there is no image, or sizes differ
 */
export function tileImages(images: readonly GreyImage[], columns: number): GreyImage {
  const first = images[0];
  if (!first) throw new ArgumentError("a grid has at least one image, found none");
  if (!Number.isInteger(columns) || columns < 1) {
    throw new ArgumentError(`a grid has a whole number of columns, at least 1, found ${columns}`);
  }
  const width = first.width * columns;
  const height = first.height * Math.ceil(images.length / columns);
  const pixels = new Uint8Array(width * height);
  images.forEach((image, index) => {
    if (image.width !== first.width || image.height !== first.height) {
      throw new ArgumentError(
        `all images of a grid have one size, found ${image.width} x ${image.height} behind ${first.width} x ${first.height}`,
      );
    }
    const left = (index % columns) * first.width;
    const top = Math.floor(index / columns) * first.height;
    for (let y = 0; y < image.height; y++) {
      pixels.set(image.pixels.subarray(y * image.width, (y + 1) * image.width), (top + y) * width + left);
    }
  });
  return { width, height, pixels };
}
