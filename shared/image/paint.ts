// Which PNG colour type grey levels are written as, and the bytes of each level. PNG (Third Edition), 11.2.1,
// https://www.w3.org/TR/png-3/#11IHDR

import { greyOf, mix, type Style } from "./colour.ts";
import type { GreyImage } from "./raster.ts";

/** How levels are written. */
export interface Paint {
  /** 0 grey, 3 palette, 4 grey and opacity, 6 colour and opacity. */
  readonly colourType: 0 | 3 | 4 | 6;
  /** Bits of a sample. */
  readonly depth: 1 | 2 | 4 | 8;
  /** The samples of each level, one after another: 1, 2 or 4 of them. */
  readonly values: Uint8Array;
  /** In a palette, the level of each entry. */
  readonly palette?: readonly number[];
}

/** Ways of writing pictures that share a file, of which the shortest is taken. */
export type Paints = (images: readonly GreyImage[], style: Style) => readonly Paint[];

const IDENTITY = Uint8Array.from({ length: 256 }, (_, level) => level);
/** Levels that fit in less than a byte a pixel. */
const MOST_FEW = 16;
/** In pictures of more bytes a palette takes fewer than opacities in each pixel. */
const MAX_OPACITY_BYTES = 24_576;

/** Grey on grey is grey; other colours are a palette of the levels that occur, darkest level first. */
export const paintPlainly: Paints = (images, style) => [
  paintGrey(style) ?? paintPalette(levelsOf(images, 256), 8),
];

/**
 * The same, few levels in as few bits as they need, and small pictures on a transparent ground with opacity in each pixel.
 * Grey never takes less than a byte, which a common reader (UPNG) gets wrong.
 */
export const paintSmallest: Paints = (images, style) => {
  const plain = paintPlainly(images, style);
  const levels = plain[0]!.palette ?? levelsOf(images, MOST_FEW);
  if (levels.length <= MOST_FEW) {
    return [...plain, paintPalette(levels, levels.length <= 2 ? 1 : levels.length <= 4 ? 2 : 4)];
  }
  if (style.background !== "transparent") return plain;
  const opacity = paintOpacity(style);
  const pixels = images.reduce((sum, { width, height }) => sum + width * height, 0);
  return (pixels * opacity.values.length) / 256 <= MAX_OPACITY_BYTES ? [...plain, opacity] : plain;
};

function paintOpacity({ foreground }: Style): Paint {
  const isGrey = greyOf(foreground) !== null;
  const samples = isGrey ? foreground.slice(0, 1) : foreground;
  const values = Uint8Array.from([...IDENTITY].flatMap((level) => [...samples, level]));
  return { colourType: isGrey ? 4 : 6, depth: 8, values };
}

function paintGrey({ foreground, background }: Style): Paint | undefined {
  const [ink, ground] = [greyOf(foreground), greyOf(background)];
  if (ink === null || ground === null) return undefined;
  const isPlain = ink === 255 && ground === 0;
  return {
    colourType: 0,
    depth: 8,
    values: isPlain ? IDENTITY : IDENTITY.map((level) => mix(ground, ink, level)),
  };
}

function paintPalette(palette: readonly number[], depth: Paint["depth"]): Paint {
  const values = new Uint8Array(256);
  palette.forEach((level, index) => {
    values[level] = index;
  });
  return { colourType: 3, depth, values, palette };
}

/** Levels that occur, darkest first; those found until there are more than `most`. */
function levelsOf(images: readonly GreyImage[], most: number): number[] {
  const occurs = new Uint8Array(256);
  let count = 0;
  for (const { pixels } of images) {
    for (let at = 0; at < pixels.length && count <= most; at++) {
      if (occurs[pixels[at]!]) continue;
      occurs[pixels[at]!] = 1;
      count++;
    }
  }
  const levels: number[] = [];
  for (let level = 0; level < occurs.length; level++) if (occurs[level]) levels.push(level);
  return levels;
}

/** Rows of samples, each preceded by 0: no filter. */
export function unfilteredRows({ width, height, pixels }: GreyImage, { depth, values }: Paint): Uint8Array {
  const samples = values.length / 256;
  const stride = 1 + Math.ceil((width * samples * depth) / 8);
  const rows = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    let at = y * stride + 1;
    let free = 8;
    for (let x = y * width; x < (y + 1) * width; x++) {
      for (let sample = pixels[x]! * samples, end = sample + samples; sample < end; sample++) {
        free -= depth;
        rows[at]! |= values[sample]! << free;
        if (free === 0) {
          at++;
          free = 8;
        }
      }
    }
  }
  return rows;
}
