// A picture's colours as one number a pixel: lightness, and where that shows nothing the shares of its primaries.

import type { GreyImage, RgbaImage } from "../raster.ts";

const OPAQUE = 128;
/** The share of each primary in grey, and in pixels too dark to have a colour, in 255ths. */
const NEUTRAL = 85;
const MIN_COLOURED = 96;

/**
 * Luma (Rec. 601, in 256ths). If most of the edge is transparent, the drawing is put on black or white, whichever
 * is farther from its mean; elsewhere (say, a photo with round corners) transparency shows the edge's own median.
 */
export function toLightness(image: RgbaImage): Uint8Array {
  const { pixels } = image;
  return toGrey(image, (at) => (77 * pixels[at]! + 150 * pixels[at + 1]! + 29 * pixels[at + 2]! + 128) >> 8);
}

/** The shares of red, green and blue, which shadows leave as they are. */
export function toColours(image: RgbaImage): readonly Uint8Array[] {
  const { pixels } = image;
  const shareOf = (primary: number) => (at: number) => {
    const sum = pixels[at]! + pixels[at + 1]! + pixels[at + 2]!;
    return sum < MIN_COLOURED ? NEUTRAL : Math.floor((255 * pixels[at + primary]!) / sum + 0.5);
  };
  return [0, 1, 2].map((primary) => toGrey(image, shareOf(primary), NEUTRAL));
}

/**
 * @param levelOf  by the index of the pixel's red
 * @param clear  level of transparent pixels if most of the edge is transparent; by default black or white
 */
function toGrey(
  { width, height, pixels }: RgbaImage,
  levelOf: (at: number) => number,
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
      const value = levelOf(at);
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

/** Means of four pixels, channel by channel; an odd last row or column is dropped. */
export function halve<Image extends GreyImage | RgbaImage>(image: Image): Image {
  const { pixels } = image;
  const channels = pixels.length / (image.width * image.height);
  const [right, below] = [channels, channels * image.width];
  const [width, height] = [image.width >> 1, image.height >> 1];
  const result = new Uint8Array(width * height * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      let at = 2 * y * below + channel;
      let to = y * width * channels + channel;
      for (let x = 0; x < width; x++, at += 2 * right, to += channels) {
        const sum = pixels[at]! + pixels[at + right]! + pixels[at + below]! + pixels[at + below + right]!;
        result[to] = (sum + 2) >> 2;
      }
    }
  }
  return { ...image, width, height, pixels: result };
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

/** Copies the levels next to the border onto it, since smoothing left it noisy. */
export function calmBorder({ width, height, pixels }: GreyImage): void {
  for (let y = 1; y < height - 1; y++) {
    pixels[y * width] = pixels[y * width + 1]!;
    pixels[(y + 1) * width - 1] = pixels[(y + 1) * width - 2]!;
  }
  pixels.copyWithin(0, width, 2 * width);
  pixels.copyWithin((height - 1) * width, (height - 2) * width, (height - 1) * width);
}

/** Quantile of the levels from `first` on: the least that is at or above this share of them. */
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
