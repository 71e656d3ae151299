// Measures how wide strokes are, and makes hairlines as wide as a pen's.

import type { GreyImage } from "../raster.ts";
import type { Levels } from "./resample.ts";

/** Full ink is this quantile of the strong ink of a thickened digit. */
const FULL_INK_SHARE = 0.5;

/**
 * Mean width of strokes: twice their area by the length of their outline. Counting the sides of pixels along an outline
 * gives 4 / pi of its length, on average over directions.
 */
export function strokeWidth({ width, height, pixels }: GreyImage): number {
  let area = 0;
  let sides = 0;
  const isInk = (x: number, y: number) => x < width && y < height && pixels[y * width + x]! >= 128;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = isInk(x, y);
      if (here) area++;
      if (here && (x === 0 || y === 0)) sides++;
      if (here !== isInk(x + 1, y)) sides++;
      if (here !== isInk(x, y + 1)) sides++;
    }
  }
  return sides === 0 ? 0 : (2 * area) / ((sides * Math.PI) / 4);
}

/** Spreads ink by 1, 2, 1 both ways, which draws a hairline about two pixels wide, and restores full ink. */
export function thicken({ width, height, values }: Levels): Levels {
  const [wide, high] = [width + 2, height + 2];
  const spread = new Float64Array(wide * high);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let dy = 0; dy < 3; dy++) {
        for (let dx = 0; dx < 3; dx++) {
          const share = (dx === 1 ? 2 : 1) * (dy === 1 ? 2 : 1);
          spread[(y + dy) * wide + x + dx]! += share * values[y * width + x]!;
        }
      }
    }
  }
  const greatest = spread.reduce((most, level) => Math.max(most, level), 0);
  const strong = spread.filter((level) => level > greatest / 2).sort();
  const full = strong[Math.floor(strong.length * FULL_INK_SHARE)]!;
  return { width: wide, height: high, values: spread.map((level) => Math.min(level / full, 1)) };
}
