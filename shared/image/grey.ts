// A picture's colours as one number a pixel: lightness, and where that shows nothing the two differences of colour.

import type { RgbaImage } from "./read-png.ts";

/** Rec. 601, in 256ths. */
const LUMA = [77, 150, 29] as const;
/** From green to red and from yellow to blue, in 256ths, about the middle grey (Rec. 601's Cr and Cb). */
const CHROMA = [
  [128, -107, -21],
  [-43, -85, 128],
] as const;
const MIDDLE = 128;
const OPAQUE = 128;

/**
 * Lightness. Where most of the edge is transparent, what is drawn goes onto black or white, whichever is farther from
 * its mean; elsewhere (say, a photo with round corners) transparency shows the edge's own median.
 */
export function toLightness(image: RgbaImage): Uint8Array {
  return mix(image, LUMA, 0);
}

/** Both differences of colour, on transparent ground as lightness is. */
export function toColours(image: RgbaImage): readonly Uint8Array[] {
  return CHROMA.map((weights) => mix(image, weights, MIDDLE));
}

function mix(
  { width, height, pixels }: RgbaImage,
  [red, green, blue]: readonly [number, number, number],
  base: number,
): Uint8Array {
  const count = width * height;
  const mixed = new Uint8Array(count);
  const histogram = new Uint32Array(256);
  let visible = 0;
  let sum = 0;
  let edge = 0;
  let opaque = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const at = 4 * i;
      const weighted = red * pixels[at]! + green * pixels[at + 1]! + blue * pixels[at + 2]!;
      // 128 + 127.5, of pure red and blue, is one too many.
      const value = Math.min(base + ((weighted + 128) >> 8), 255);
      mixed[i] = value;
      visible += pixels[at + 3]!;
      sum += pixels[at + 3]! * value;
      if (x > 0 && y > 0 && x < width - 1 && y < height - 1) continue;
      edge++;
      if (pixels[at + 3]! < OPAQUE) continue;
      opaque++;
      histogram[value]!++;
    }
  }
  if (visible === 255 * count) return mixed;
  const contrast = base > 0 ? base : sum < 128 * visible ? 255 : 0;
  const ground = 2 * opaque >= edge ? quantile(histogram, 0, 0.5) : contrast;
  for (let i = 0; i < count; i++) {
    const alpha = pixels[4 * i + 3]!;
    mixed[i] = Math.floor((mixed[i]! * alpha + ground * (255 - alpha) + 127) / 255);
  }
  return mixed;
}

/** Means of four pixels; an odd last row or column is left out. */
export function halve(grey: Uint8Array, stride: number, width: number, height: number): Uint8Array {
  const result = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 2 * (y * stride + x);
      result[y * width + x] =
        (grey[at]! + grey[at + 1]! + grey[at + stride]! + grey[at + stride + 1]! + 2) >> 2;
    }
  }
  return result;
}

/** Each pixel becomes the mean of the 3 x 3 about it; the border stays. */
export function smooth(grey: Uint8Array, width: number, height: number): Uint8Array {
  const result = grey.slice();
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      let sum = 0;
      for (let at = (y - 1) * width + x; at <= (y + 1) * width + x; at += width) {
        sum += grey[at - 1]! + grey[at]! + grey[at + 1]!;
      }
      result[y * width + x] = Math.floor((sum + 4) / 9);
    }
  }
  return result;
}

/** Gives the border, which smoothing left noisy, the levels beside it. */
export function calmBorder(grey: Uint8Array, width: number, height: number): void {
  for (let y = 1; y < height - 1; y++) {
    grey[y * width] = grey[y * width + 1]!;
    grey[(y + 1) * width - 1] = grey[(y + 1) * width - 2]!;
  }
  grey.copyWithin(0, width, 2 * width);
  grey.copyWithin((height - 1) * width, (height - 2) * width, (height - 1) * width);
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
