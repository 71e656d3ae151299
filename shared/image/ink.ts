// Which pixels of any picture are ink, and how much: colours to grey, transparent pixels onto a ground, the ground
// (which may be lit unevenly and noisy) taken away, dark ink turned light, specks dropped. Sums, products and
// quotients only, so every engine finds the same ink.

import type { GreyImage } from "../decoder/decoder.ts";
import { EmptyImageError } from "../errors.ts";
import { createGround, type Ground } from "./ground.ts";
import type { RgbaImage } from "./read-png.ts";

export interface Ink {
  /** 0 is ground, 255 full ink. */
  readonly levels: GreyImage;
  /** Side of a level in the picture's pixels: 2 in large pictures, of which four pixels make one. */
  readonly pixelSide: 1 | 2;
  /** The ink was darker than its ground. */
  readonly isInverted: boolean;
}

/** Least difference of ink and ground, grey levels. */
const MIN_CONTRAST = 24;
/** On a noisy ground, full ink is what this share of the strong ink (beyond half of the greatest difference) does not go beyond. */
const FULL_INK_SHARE = 0.9;
/** On a noisy ground, differences below this share of the greatest are shading. */
const SHADING_SHARE = 0.2;
/** Pictures with a side beyond this are halved, unless the other is short: a quarter of the work, and of the noise's variance. */
const MAX_WHOLE_SIDE = 256;
const MIN_HALVED_SIDE = 64;
/** Noisy pictures from this side on are smoothed: they shrink by so much that nothing is lost. */
const MIN_SMOOTHED_SIDE = 112;
/** Pieces of less than this share of all ink are specks. */
const SPECK_SHARE = 0.01;
const OPAQUE = 128;

/**
 * Finds the ink of a picture.
 * @throws EmptyImageError when nothing stands out from the ground
 */
export function findInk(image: RgbaImage): Ink {
  const isLarge =
    Math.max(image.width, image.height) > MAX_WHOLE_SIDE &&
    Math.min(image.width, image.height) >= MIN_HALVED_SIDE;
  const pixelSide = isLarge ? 2 : 1;
  const [width, height] = [Math.floor(image.width / pixelSide), Math.floor(image.height / pixelSide)];
  let grey = isLarge ? halve(toGrey(image), image.width, width, height) : toGrey(image);
  let ground = createGround({ width, height, pixels: grey });
  if (ground.noise > 0 && Math.min(width, height) >= MIN_SMOOTHED_SIDE) {
    grey = smooth(grey, width, height);
    ground = createGround({ width, height, pixels: grey });
  }
  const differences = differencesFrom(grey, width, ground);
  const isInverted = isDarker(differences, ground.noise);
  const levels = new Uint8Array(differences.length);
  for (let i = 0; i < levels.length; i++) {
    const difference = isInverted ? -differences[i]! : differences[i]!;
    levels[i] = difference > ground.noise ? difference : 0;
  }
  dropSpecks(levels, width, height);

  const histogram = new Uint32Array(256);
  for (const level of levels) histogram[level]!++;
  const greatest = histogram.findLastIndex((count, level) => level > 0 && count > 0);
  const isPlain = ground.noise === 0 || greatest < 0;
  const full = isPlain ? greatest : quantile(histogram, Math.ceil(greatest / 2), FULL_INK_SHARE);
  if (full < MIN_CONTRAST || full < 2 * ground.noise) {
    throw new EmptyImageError(
      `nothing is drawn in the image: no ink stands out from its ground by ${MIN_CONTRAST} of 255 grey levels`,
    );
  }
  const least = ground.noise === 0 ? 0 : Math.max(ground.noise, Math.floor(full * SHADING_SHARE));
  for (let i = 0; i < levels.length; i++) {
    const level = Math.floor(((levels[i]! - least) * 255) / (full - least) + 0.5);
    levels[i] = Math.min(Math.max(level, 0), 255);
  }
  if (ground.noise > 0) dropSpecks(levels, width, height);
  return { levels: { width, height, pixels: levels }, pixelSide, isInverted };
}

/**
 * Luma (Rec. 601, in 256ths). Where most of the edge is transparent, what is drawn goes onto black or white, whichever
 * is farther from its mean; elsewhere (say, a photo with round corners) transparency shows the edge's own median.
 */
function toGrey({ width, height, pixels }: RgbaImage): Uint8Array {
  const count = width * height;
  const luma = new Uint8Array(count);
  const histogram = new Uint32Array(256);
  let visible = 0;
  let sum = 0;
  let edge = 0;
  let opaque = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const at = 4 * i;
      const value = (77 * pixels[at]! + 150 * pixels[at + 1]! + 29 * pixels[at + 2]! + 128) >> 8;
      luma[i] = value;
      visible += pixels[at + 3]!;
      sum += pixels[at + 3]! * value;
      if (x > 0 && y > 0 && x < width - 1 && y < height - 1) continue;
      edge++;
      if (pixels[at + 3]! < OPAQUE) continue;
      opaque++;
      histogram[value]!++;
    }
  }
  if (visible === 255 * count) return luma;
  const contrast = sum < 128 * visible ? 255 : 0;
  const ground = 2 * opaque >= edge ? quantile(histogram, 0, 0.5) : contrast;
  for (let i = 0; i < count; i++) {
    const alpha = pixels[4 * i + 3]!;
    luma[i] = Math.floor((luma[i]! * alpha + ground * (255 - alpha) + 127) / 255);
  }
  return luma;
}

/** Means of four pixels; an odd last row or column is left out. */
function halve(grey: Uint8Array, stride: number, width: number, height: number): Uint8Array {
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
function smooth(grey: Uint8Array, width: number, height: number): Uint8Array {
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

function differencesFrom(grey: Uint8Array, width: number, { levelAt }: Ground): Int16Array {
  const differences = new Int16Array(grey.length);
  for (let y = 0, i = 0; i < grey.length; y++) {
    for (let x = 0; x < width; x++, i++) differences[i] = Math.floor(grey[i]! - levelAt(x, y) + 0.5);
  }
  return differences;
}

/** Whether more stands out on the dark side; squared, so that a few strong strokes outweigh wide faint shadows. */
function isDarker(differences: Int16Array, noise: number): boolean {
  let balance = 0;
  for (const difference of differences) {
    if (difference > noise) balance += difference * difference;
    else if (difference < -noise) balance -= difference * difference;
  }
  return balance < 0;
}

/** Clears connected pieces (by sides and corners) that hold hardly any of the ink. */
function dropSpecks(levels: Uint8Array, width: number, height: number): void {
  const total = levels.reduce((sum, level) => sum + level, 0);
  const isSeen = new Uint8Array(levels.length);
  const piece = new Int32Array(levels.length);
  for (let start = 0; start < levels.length; start++) {
    if (levels[start] === 0 || isSeen[start]) continue;
    // The piece is its own queue.
    let count = 1;
    let mass = 0;
    piece[0] = start;
    isSeen[start] = 1;
    for (let i = 0; i < count; i++) {
      const at = piece[i]!;
      mass += levels[at]!;
      const x = at % width;
      const y = (at - x) / width;
      for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
        for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
          const next = ny * width + nx;
          if (levels[next] === 0 || isSeen[next]) continue;
          isSeen[next] = 1;
          piece[count++] = next;
        }
      }
    }
    if (mass >= total * SPECK_SHARE) continue;
    for (let i = 0; i < count; i++) levels[piece[i]!] = 0;
  }
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
