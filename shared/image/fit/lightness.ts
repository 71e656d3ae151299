// A picture's colours as one number a pixel: lightness, and where that shows nothing the shares of its primaries.

import type { GreyImage, RgbaImage } from "../raster.ts";

const OPAQUE = 128;
/** The share of each primary in grey, and in pixels too dark to have a colour, in 255ths. */
const NEUTRAL = 85;
const MIN_COLOURED = 96;

/**
 * Luma (Rec. 601, in 256ths). Where most of the edge is transparent, what is drawn goes onto black or white, whichever
 * is farther from its mean; elsewhere (say, a photo with round corners) transparency shows the edge's own median.
 */
export function toLightness(image: RgbaImage): Uint8Array {
  return toGrey(image, (red, green, blue) => (77 * red + 150 * green + 29 * blue + 128) >> 8);
}

/** The shares of red, green and blue, which shadows leave as they are. */
export function toColours(image: RgbaImage): readonly Uint8Array[] {
  const share = (primary: number, sum: number) =>
    sum < MIN_COLOURED ? NEUTRAL : Math.floor((255 * primary) / sum + 0.5);
  return [
    toGrey(image, (red, green, blue) => share(red, red + green + blue), NEUTRAL),
    toGrey(image, (red, green, blue) => share(green, red + green + blue), NEUTRAL),
    toGrey(image, (red, green, blue) => share(blue, red + green + blue), NEUTRAL),
  ];
}

/** @param clear  what transparent pixels are where most of the edge is; by default black or white */
function toGrey(
  { width, height, pixels }: RgbaImage,
  levelOf: (red: number, green: number, blue: number) => number,
  clear?: number,
): Uint8Array {
  const count = width * height;
  const grey = new Uint8Array(count);
  const histogram = new Uint32Array(256);
  let visible = 0;
  let sum = 0;
  let edge = 0;
  let opaque = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const at = 4 * i;
      const value = levelOf(pixels[at]!, pixels[at + 1]!, pixels[at + 2]!);
      grey[i] = value;
      visible += pixels[at + 3]!;
      sum += pixels[at + 3]! * value;
      if (x > 0 && y > 0 && x < width - 1 && y < height - 1) continue;
      edge++;
      if (pixels[at + 3]! < OPAQUE) continue;
      opaque++;
      histogram[value]!++;
    }
  }
  if (visible === 255 * count) return grey;
  const contrast = clear ?? (sum < 128 * visible ? 255 : 0);
  const ground = 2 * opaque >= edge ? quantile(histogram, 0, 0.5) : contrast;
  for (let i = 0; i < count; i++) {
    const alpha = pixels[4 * i + 3]!;
    grey[i] = Math.floor((grey[i]! * alpha + ground * (255 - alpha) + 127) / 255);
  }
  return grey;
}

/** Means of four pixels; an odd last row or column is left out. */
export function halve({ width: stride, height: rows, pixels }: GreyImage): GreyImage {
  const [width, height] = [stride >> 1, rows >> 1];
  const result = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 2 * (y * stride + x);
      result[y * width + x] =
        (pixels[at]! + pixels[at + 1]! + pixels[at + stride]! + pixels[at + stride + 1]! + 2) >> 2;
    }
  }
  return { width, height, pixels: result };
}

/** The same of all four channels. */
export function halveColours({ width: stride, height: rows, pixels }: RgbaImage): RgbaImage {
  const [width, height] = [stride >> 1, rows >> 1];
  const result = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 4; c++) {
        const at = 8 * (y * stride + x) + c;
        const below = at + 4 * stride;
        result[4 * (y * width + x) + c] =
          (pixels[at]! + pixels[at + 4]! + pixels[below]! + pixels[below + 4]! + 2) >> 2;
      }
    }
  }
  return { width, height, pixels: result };
}

/** Each pixel becomes the mean of the 3 x 3 about it; the border stays. */
export function smooth({ width, height, pixels }: GreyImage): GreyImage {
  const result = pixels.slice();
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      let sum = 0;
      for (let at = (y - 1) * width + x; at <= (y + 1) * width + x; at += width) {
        sum += pixels[at - 1]! + pixels[at]! + pixels[at + 1]!;
      }
      result[y * width + x] = Math.floor((sum + 4) / 9);
    }
  }
  return { width, height, pixels: result };
}

/** Gives the border, which smoothing left noisy, the levels beside it. */
export function calmBorder({ width, height, pixels }: GreyImage): void {
  for (let y = 1; y < height - 1; y++) {
    pixels[y * width] = pixels[y * width + 1]!;
    pixels[(y + 1) * width - 1] = pixels[(y + 1) * width - 2]!;
  }
  pixels.copyWithin(0, width, 2 * width);
  pixels.copyWithin((height - 1) * width, (height - 2) * width, (height - 1) * width);
}

/** The least level, from `first` on, that the share of the pixels counted from there does not go beyond. */
export function quantile(histogram: Uint32Array, first: number, share: number): number {
  let total = 0;
  for (let level = first; level < histogram.length; level++) total += histogram[level]!;
  let cumulative = 0;
  for (let level = first; level < histogram.length; level++) {
    cumulative += histogram[level]!;
    if (cumulative > 0 && cumulative >= total * share) return level;
  }
  return first;
}
