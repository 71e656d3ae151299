// Several digits as one picture: where each lies, then pixels or outlines of the whole. A grid is a sheet, and so is a
// number whose digits' boxes overlap.

import { ArgumentError } from "../errors.ts";
import type { DrawnDigit, GreyImage } from "./raster.ts";
import { scaleImage } from "./scale.ts";

/** Places and sizes are whole pixels of the digits' own images. */
export interface Sheet<Image extends GreyImage = GreyImage> {
  readonly width: number;
  readonly height: number;
  /** Of each digit's image, which is square. */
  readonly side: number;
  /** What lies outside of the sheet is cut off. */
  readonly digits: readonly PlacedDigit<Image>[];
}

export interface PlacedDigit<Image extends GreyImage = GreyImage> {
  readonly image: Image;
  readonly left: number;
  readonly top: number;
}

/**
 * Digits in rows.
 * @param columns  digits per row; the last row may be shorter
 * @throws ArgumentError without images or columns, or when images are not squares of one side
 */
export function gridSheet<Image extends GreyImage>(images: readonly Image[], columns: number): Sheet<Image> {
  const side = sideOf(images);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new ArgumentError(`a grid has a whole number of columns, at least 1, found ${columns}`);
  }
  const digits = images.map((image, i) => ({
    image,
    left: (i % columns) * side,
    top: Math.floor(i / columns) * side,
  }));
  return { width: columns * side, height: Math.ceil(images.length / columns) * side, side, digits };
}

/** The same as an image in the digits' own pixels: the strip of a walk, the grid of a report. */
export function tileImages(images: readonly GreyImage[], columns: number): GreyImage {
  return rasterizeSheet(gridSheet(images, columns), sideOf(images));
}

/** A position or length on a sheet, in pixels of a picture whose digits are `size` pixels wide. */
export function toPixels({ side }: Sheet, length: number, size: number): number {
  return Math.round((length * size) / side);
}

/**
 * The sheet in pixels. Where digits overlap, the pixel with more ink wins.
 * @param size  side of a digit, pixels
 * @param draw  draws a digit of that size; by default it is enlarged
 * @throws ArgumentError
 */
export function rasterizeSheet<Image extends GreyImage>(
  sheet: Sheet<Image>,
  size: number,
  draw: (image: Image) => DrawnDigit = (image) => ({ ...scaleImage(image, size), left: 0 }),
): GreyImage {
  const [width, height] = [toPixels(sheet, sheet.width, size), toPixels(sheet, sheet.height, size)];
  const pixels = new Uint8Array(width * height);
  for (const { image, left, top } of sheet.digits) {
    const drawn = draw(image);
    const [x0, y0] = [toPixels(sheet, left, size) + drawn.left, toPixels(sheet, top, size)];
    const [from, to] = [Math.max(0, -x0), Math.min(drawn.width, width - x0)];
    for (let y = Math.max(0, -y0); y < Math.min(size, height - y0); y++) {
      const source = y * drawn.width;
      const target = (y0 + y) * width + x0;
      for (let x = from; x < to; x++) {
        const level = drawn.pixels[source + x]!;
        if (level > pixels[target + x]!) pixels[target + x] = level;
      }
    }
  }
  return { width, height, pixels };
}

/**
 * The side that square images have in common.
 * @throws ArgumentError without images, or when they are not squares of one side
 */
export function sideOf(images: readonly GreyImage[]): number {
  const first = images[0];
  if (!first) throw new ArgumentError("a sheet has at least one digit, found none");
  const odd = images.find(({ width, height }) => width !== first.width || height !== first.width);
  if (odd) {
    throw new ArgumentError(
      `the digits of a sheet are square and of one side, found ${odd.width} x ${odd.height} beside ${first.width}`,
    );
  }
  return first.width;
}
