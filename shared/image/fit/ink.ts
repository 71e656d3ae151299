// Which pixels of a picture are ink, and how much: colours to grey, the ground (which may be noisy and unevenly lit)
// subtracted, dark ink made light, specks and boxes dropped. Sums, products and quotients only, so every engine finds
// the same ink.

import { BoxedImageError, EmptyImageError, UnclearImageError } from "../../errors.ts";
import type { Box, GreyImage, RgbaImage } from "../raster.ts";
import { evenLight } from "./even-light.ts";
import { createGround, type Ground } from "./ground.ts";
import { calmBorder, halve, quantile, smooth, toColours, toLightness } from "./lightness.ts";
import { crop, innerBox } from "./paper.ts";
import { dropAtBorder, dropBoxes, dropSpecks } from "./pieces.ts";

export interface Ink {
  /** 0 is ground, 255 full ink. */
  readonly levels: GreyImage;
  /** Side of a level in pixels of the picture: 2 or more in large pictures, which are halved. */
  readonly pixelSide: number;
  /** The ink was darker than its ground. */
  readonly isInverted: boolean;
  /** Where the levels begin in the picture, pixels. */
  readonly offset: { readonly x: number; readonly y: number };
}

/** Least difference of ink and ground, grey levels. */
const MIN_CONTRAST = 24;
/** On a noisy ground, full ink is this quantile of the strong ink (beyond half of the greatest difference). */
const FULL_INK_SHARE = 0.9;
/** On a noisy ground, differences below this share of the greatest are shading. */
const SHADING_SHARE = 0.2;
/** Pictures with a longer side are halved, unless the other is short: a quarter of the work and of the noise's variance. */
const MAX_WHOLE_SIDE = 256;
const MIN_HALVED_SIDE = 64;
/** Noisy pictures with at least this side are smoothed: they are shrunk so much later that nothing is lost. */
const MIN_SMOOTHED_SIDE = 112;
/** Slow steps work on pictures that are shrunk, to no less than this side. */
const MIN_SHRUNK_SIDE = 120;
/** In a picture of at least this side, ink on more than this share of the border means uneven light. */
const MIN_SHADED_SIDE = 56;
const SHADED_BORDER_SHARE = 0.08;
/** This share of the ink counts as all of it, apart from edges. */
const KEPT_SHARE = 0.8;
/** Sheets of paper on top of each other. */
const MAX_SHEETS = 2;
/** More ink than ground. */
const FULL_LEVEL = 128;

/** Ink that is separated from its ground. */
interface Separated extends Omit<Ink, "offset" | "pixelSide"> {
  /** Difference of full ink and ground, grey levels. */
  readonly contrast: number;
  /** Where in the levels a sheet of paper lies on something else. */
  readonly paper: Box | undefined;
}

/**
 * Finds the ink of a picture.
 * @throws EmptyImageError when nothing contrasts with the ground, UnclearImageError when ink and ground cannot be distinguished
 */
export function findInk(image: RgbaImage): Ink {
  return findInkOn(image, MAX_SHEETS);
}

function findInkOn(image: RgbaImage, sheets: number): Ink {
  const { paper, ...found } = findByAnyChannel(image);
  const pixelSide = Math.floor(image.width / found.levels.width);
  if (!paper) return { ...found, pixelSide, offset: { x: 0, y: 0 } };
  if (sheets === 0) throw new UnclearImageError("the image shows boxes within boxes, and no digit");
  const inner = innerBox(found.levels, paper, pixelSide);
  const { offset, ...ink } = findInkOn(crop(image, inner), sheets - 1);
  return { ...ink, offset: { x: inner.x + offset.x, y: inner.y + offset.y } };
}

/** By lightness; if that shows nothing, by the primary colour with the most contrast. */
function findByAnyChannel(image: RgbaImage): Separated {
  const { width, height } = image;
  const isLarge = Math.max(width, height) > MAX_WHOLE_SIDE && Math.min(width, height) >= MIN_HALVED_SIDE;
  const grey = { width, height, pixels: toLightness(image) };
  try {
    return findInChannel(isLarge ? halve(grey) : grey, findInEvenLight);
  } catch (refusal) {
    if (refusal instanceof BoxedImageError) throw refusal;
    const small = shrink(image);
    const found = toColours(small).flatMap((pixels) => {
      try {
        // Colours are not darker than one another, and have no shadows.
        return { ...findInChannel({ ...small, pixels }), isInverted: false };
      } catch {
        return [];
      }
    });
    const [best] = found.toSorted((a, b) => b.contrast - a.contrast);
    if (!best) throw refusal;
    return best;
  }
}

/** To the size at which colours and shadows are searched, which takes a few times as long. */
function shrink<Image extends GreyImage | RgbaImage>(image: Image): Image {
  return Math.min(image.width, image.height) < 2 * MIN_SHRUNK_SIDE ? image : shrink(halve(image));
}

/** @param findShaded  where shadows may be in the way */
function findInChannel(
  grey: GreyImage,
  findShaded?: (grey: GreyImage, before: Separated | undefined) => Separated | undefined,
): Separated {
  const shortest = Math.min(grey.width, grey.height);
  let ground = createGround(grey);
  if (ground.noise > 0 && shortest >= MIN_SMOOTHED_SIDE) {
    grey = smooth(grey);
    ground = createGround(grey);
    calmBorder(grey);
  }
  const found = separate(grey, ground);
  const isClear = found && (shortest < MIN_SHADED_SIDE || borderShare(found.levels) <= SHADED_BORDER_SHARE);
  if (isClear && (found.paper || !ground.isUneven || !findShaded)) return found;
  if (!found && (shortest < MIN_SHADED_SIDE || !ground.isUneven)) throw nothingDrawn();
  const best = findShaded?.(shrink(grey), isClear ? undefined : found) ?? (isClear ? found : undefined);
  if (best) return best;
  if (!found) throw nothingDrawn();
  throw new UnclearImageError("the ink cannot be distinguished from shadows; send the picture in even light");
}

function nothingDrawn(): EmptyImageError {
  return new EmptyImageError(
    `nothing is drawn in the image: no ink stands out from its ground by ${MIN_CONTRAST} of 255 grey levels`,
  );
}

/**
 * Strokes, dark or light, as they are in even light. Those that reach the picture's border count only where all of the
 * ink stays as it was; otherwise they may be the rest of a shadow.
 */
function findInEvenLight(grey: GreyImage, before: Separated | undefined): Separated | undefined {
  const found = [true, false].flatMap((isDark) => {
    const even = evenLight(grey, isDark);
    const strokes = separate(even, createGround(even));
    if (strokes?.isInverted !== isDark) return [];
    if (before?.isInverted === isDark && inkOf(strokes) >= KEPT_SHARE * inkOf(before)) return [before];
    dropAtBorder(strokes.levels);
    return strokes.levels.pixels.some((level) => level >= FULL_LEVEL) ? [strokes] : [];
  });
  return found.toSorted((a, b) => farFromEdge(grey, b.levels) - farFromEdge(grey, a.levels))[0];
}

/** Mean level. */
function inkOf({ levels: { pixels } }: Separated): number {
  return pixels.reduce((sum, level) => sum + level, 0) / pixels.length;
}

/** How far the mean of the presumed ink is from the mean of the picture's outermost pixels, grey levels. */
function farFromEdge(grey: GreyImage, levels: GreyImage): number {
  let [ink, inked] = [0, 0];
  levels.pixels.forEach((level, at) => {
    ink += level * grey.pixels[at]!;
    inked += level;
  });
  return Math.abs(ink / inked - borderMean(grey, (level) => level));
}

/** Share of the outermost pixels that are ink. */
function borderShare(levels: GreyImage): number {
  return borderMean(levels, (level) => (level > 0 ? 1 : 0));
}

/** The mean of a value over the outermost pixels; corners count twice. */
function borderMean({ width, height, pixels }: GreyImage, measure: (level: number) => number): number {
  const sumOf = (at: number, other: number) => measure(pixels[at]!) + measure(pixels[other]!);
  let sum = 0;
  for (let x = 0; x < width; x++) sum += sumOf(x, (height - 1) * width + x);
  for (let y = 0; y < height; y++) sum += sumOf(y * width, (y + 1) * width - 1);
  return sum / (2 * (width + height));
}

/** Subtracts the ground; undefined if nothing contrasts with it. */
function separate(grey: GreyImage, ground: Ground): Separated | undefined {
  const { width, height } = grey;
  const differences = differencesFrom(grey.pixels, width, ground);
  const isInverted = isDarker(differences, ground.noise);
  const pixels = new Uint8Array(differences.length);
  for (let i = 0; i < pixels.length; i++) {
    const difference = isInverted ? -differences[i]! : differences[i]!;
    pixels[i] = difference > ground.noise ? difference : 0;
  }
  const levels = { width, height, pixels };
  dropSpecks(levels);

  const histogram = new Uint32Array(256);
  for (const level of pixels) histogram[level]!++;
  const greatest = histogram.findLastIndex((count, level) => level > 0 && count > 0);
  const isPlain = ground.noise === 0 || greatest < 0;
  const full = isPlain ? greatest : quantile(histogram, Math.ceil(greatest / 2), FULL_INK_SHARE);
  if (full < MIN_CONTRAST || full < 2 * ground.noise) return undefined;
  const least = ground.noise === 0 ? 0 : Math.max(ground.noise, Math.floor(full * SHADING_SHARE));
  for (let i = 0; i < pixels.length; i++) {
    const level = Math.floor(((pixels[i]! - least) * 255) / (full - least) + 0.5);
    pixels[i] = Math.min(Math.max(level, 0), 255);
  }
  if (ground.noise > 0) dropSpecks(levels);
  const paper = dropBoxes(levels);
  return { levels, isInverted, contrast: full, paper };
}

function differencesFrom(grey: Uint8Array, width: number, { levelAt }: Ground): Int16Array {
  const differences = new Int16Array(grey.length);
  for (let y = 0, i = 0; i < grey.length; y++) {
    for (let x = 0; x < width; x++, i++) differences[i] = Math.floor(grey[i]! - levelAt(x, y) + 0.5);
  }
  return differences;
}

/** Whether there is more contrast on the dark side; squared, so that a few strong strokes outweigh wide faint shadows. */
function isDarker(differences: Int16Array, noise: number): boolean {
  let balance = 0;
  for (const difference of differences) {
    if (difference > noise) balance += difference * difference;
    else if (difference < -noise) balance -= difference * difference;
  }
  return balance < 0;
}
