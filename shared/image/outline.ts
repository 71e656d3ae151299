// Outlines of ink: contours (d3-contour's marching squares), and points evenly spaced along them.

import { contours } from "d3-contour";
import type { GreyImage } from "./raster.ts";

export type Point = readonly [x: number, y: number];

/** Least level of an outline: anything fainter is not ink, even where there is nothing else. */
const MIN_INK_LEVEL = 48;
/** Smaller outlines are specks, not ink; square pixels of the image. */
const MIN_AREA = 0.5;
/** Distance of points along the outline, pixels of the image: evens out the steps of the pixels. */
const SPACING = 1;

/** Closed outlines of ink and of the holes in it, in pixels of the image. */
export function traceImage({ width, height, pixels }: GreyImage): Point[][] {
  return traceContours(pixels, width, height, inkLevel(pixels)).map((ring) => spaceEvenly(ring, SPACING));
}

/**
 * Closed contours around what is at least as high as a level, and around the holes in it.
 * @param values  [height, width]; a number lies at the centre of its square
 * @returns rings whose last point is their first, in squares
 */
export function traceContours(
  values: ArrayLike<number>,
  width: number,
  height: number,
  level: number,
  minArea = MIN_AREA,
): Point[][] {
  // The type asks for an array, the code for anything with an index.
  const { coordinates } = contours()
    .size([width, height])
    .contour(values as number[], level);
  const rings = coordinates.flat() as unknown as Point[][];
  return rings.filter((ring) => area(ring) >= minArea);
}

/** Area of a closed ring, by the shoelace formula. */
function area(ring: readonly Point[]): number {
  const twice = ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i]![0] * y - x * ring[i]![1], 0);
  return Math.abs(twice) / 2;
}

/**
 * The level that separates ink from ground best: the greatest variance between the two (Otsu 1979). A decoder draws some
 * digits faintly, and a fixed level would break their strokes.
 */
function inkLevel(pixels: Uint8Array): number {
  const counts = new Uint32Array(256);
  let total = 0;
  for (const level of pixels) {
    counts[level]!++;
    total += level;
  }
  let best = { from: 127, to: 127, variance: 0 };
  let ground = 0;
  let groundTotal = 0;
  for (let level = 0; level < 255; level++) {
    ground += counts[level]!;
    groundTotal += level * counts[level]!;
    const ink = pixels.length - ground;
    if (ground === 0 || ink === 0) continue;
    const contrast = (total - groundTotal) / ink - groundTotal / ground;
    const variance = ground * ink * contrast * contrast;
    if (variance > best.variance) best = { from: level, to: level, variance };
    else if (variance === best.variance) best.to = level;
  }
  // Levels that do not occur separate as well as those below them: take the middle of such a gap.
  return Math.max((best.from + best.to + 1) / 2, MIN_INK_LEVEL);
}

/** Points at about equal distances along a ring, whose last point is its first; at least four. */
export function spaceEvenly(ring: readonly Point[], spacing: number): Point[] {
  const steps = ring.slice(1).map(([x, y], i) => {
    const [dx, dy] = [x - ring[i]![0], y - ring[i]![1]];
    return Math.sqrt(dx * dx + dy * dy);
  });
  const length = steps.reduce((sum, step) => sum + step, 0);
  const count = Math.max(4, Math.round(length / spacing));
  let segment = 0;
  let passed = 0;
  return Array.from({ length: count }, (_, i): Point => {
    const target = (length * i) / count;
    while (segment < steps.length - 1 && passed + steps[segment]! < target) passed += steps[segment++]!;
    const [from, to] = [ring[segment]!, ring[segment + 1]!];
    const t = steps[segment]! === 0 ? 0 : (target - passed) / steps[segment]!;
    return [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t];
  });
}
