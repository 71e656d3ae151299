// Corrects uneven light, with shadows that have edges.

import type { GreyImage } from "../raster.ts";

/** Strokes may be up to twice this share of the longer side wide; anything wider counts as ground. */
const STROKE_SHARE = 0.12;
/** Deeper shadows stay somewhat dark, since their noise would be amplified too. */
const MAX_GAIN = 4;

/**
 * Divides by the ground at each place, estimated by a morphological closing with a square wider than strokes (for light
 * strokes an opening; Serra 1982).
 * @param isDark  the strokes are darker than their ground
 */
export function evenLight({ width, height, pixels }: GreyImage, isDark: boolean): GreyImage {
  const reach = Math.max(1, Math.floor(Math.max(width, height) * STROKE_SHARE));
  const spread = (levels: Uint8Array) =>
    greatestNear(greatestNear(levels, width, height, reach), height, width, reach);
  const ground = isDark ? invert(spread(invert(spread(pixels)))) : spread(invert(spread(invert(pixels))));
  const brightest = ground.reduce((most, level) => Math.max(most, level), 1);
  const even = pixels.map((level, at) => {
    const gain = Math.min(brightest / Math.max(ground[at]!, 1), MAX_GAIN);
    return Math.min(Math.floor(level * gain + 0.5), 255);
  });
  return { width, height, pixels: even };
}

function invert(levels: Uint8Array): Uint8Array {
  return levels.map((level) => 255 - level);
}

/** The greatest level within `reach` pixels to either side in each row; transposed. */
function greatestNear(levels: Uint8Array, width: number, height: number, reach: number): Uint8Array {
  const result = new Uint8Array(levels.length);
  // Places in the window that may still become its greatest, in descending order of level.
  const places = new Int32Array(width);
  for (let y = 0; y < height; y++) {
    const row = levels.subarray(y * width, (y + 1) * width);
    let [first, end] = [0, 0];
    for (let x = 0; x < width + reach; x++) {
      if (x < width) {
        while (end > first && row[places[end - 1]!]! <= row[x]!) end--;
        places[end++] = x;
      }
      if (x < reach) continue;
      if (places[first]! < x - 2 * reach) first++;
      result[(x - reach) * height + y] = row[places[first]!]!;
    }
  }
  return result;
}
