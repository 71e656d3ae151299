// Digits as people hand them in: strokes of a pen of any width on paper, slate or nothing, lit evenly or not. Drawn from
// arithmetic alone, so they are the same pictures everywhere.

import { createGenerator, sampleNormal, uniform } from "../../../shared/arithmetic/random.ts";
import type { RgbaImage } from "../../../shared/image/raster.ts";

type Rgba = readonly [number, number, number, number];
type Point = readonly [x: number, y: number];

export interface Sketch {
  readonly width: number;
  readonly height: number;
  /** Width of the pen, pixels. */
  readonly pen: number;
  /** Height of the digit, and where its box begins; centred by default. */
  readonly size: number;
  readonly left?: number;
  readonly top?: number;
  readonly ink: Rgba;
  readonly ground: Rgba;
  /** Standard deviation of each pixel, grey levels. */
  readonly noise?: number;
  /** How much darker the far corner is, 0 to 1. */
  readonly shade?: number;
  /** How much darker it is beyond an edge across the picture, 0 to 1. */
  readonly shadow?: number;
  /** A box of ink: its distance from the picture's edge and its width, pixels. */
  readonly box?: readonly [inset: number, width: number];
  /** Black dots of 2 x 2 pixels. */
  readonly specks?: number;
}

export const BLACK: Rgba = [0, 0, 0, 255];
export const WHITE: Rgba = [255, 255, 255, 255];
export const CLEAR: Rgba = [0, 0, 0, 0];
export const PLAIN: Sketch = { width: 160, height: 200, pen: 14, size: 130, ink: BLACK, ground: WHITE };

/** Strokes in a box of 1 by 1. */
const STROKES: Readonly<Record<number, readonly (readonly Point[])[]>> = {
  1: [
    [
      [0.5, 0],
      [0.45, 1],
    ],
  ],
  4: [
    [
      [0.3, 0],
      [0.1, 0.6],
      [0.8, 0.55],
    ],
    [
      [0.6, 0.1],
      [0.55, 1],
    ],
  ],
  7: [
    [
      [0.05, 0.05],
      [0.75, 0.05],
      [0.3, 1],
    ],
  ],
  3: [
    [
      [0.1, 0.1],
      [0.3, 0],
      [0.55, 0.03],
      [0.65, 0.2],
      [0.55, 0.38],
      [0.3, 0.47],
      [0.6, 0.55],
      [0.7, 0.75],
      [0.55, 0.95],
      [0.3, 1],
      [0.05, 0.9],
    ],
  ],
  5: [
    [
      [0.7, 0.02],
      [0.2, 0.03],
      [0.18, 0.42],
      [0.45, 0.38],
      [0.65, 0.5],
      [0.7, 0.7],
      [0.6, 0.9],
      [0.35, 1],
      [0.08, 0.92],
    ],
  ],
};

export function draw(digit: keyof typeof STROKES, sketch: Sketch): RgbaImage {
  const { width, height, size, pen, ink, ground, noise = 0, shade = 0, shadow = 0, specks = 0, box } = sketch;
  const [left, top] = [sketch.left ?? (width - 0.8 * size) / 2, sketch.top ?? (height - size) / 2];
  const next = createGenerator("sketch");
  const normals = new Float32Array(width * height * 3);
  if (noise > 0) sampleNormal(next, normals);
  const lines = STROKES[digit]!.map((stroke) =>
    stroke.map(([x, y]): Point => [left + x * size, top + y * size]),
  );
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const depth = Math.min(x, y, width - 1 - x, height - 1 - y);
      const isBox = box !== undefined && depth >= box[0] && depth < box[0] + box[1];
      const cover = isBox ? 1 : Math.min(Math.max(pen / 2 - distance([x + 0.5, y + 0.5], lines) + 0.5, 0), 1);
      const isLit = x / width < 0.4 + (0.3 * y) / height;
      const light = (isLit ? 1 : 1 - shadow) * (1 - shade * ((0.7 * x) / width + (0.3 * y) / height));
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        const under = ground[3] === 0 ? ink[c]! : ground[c]!;
        const value = (under + (ink[c]! - under) * cover) * light + noise * normals[(at / 4) * 3 + c]!;
        pixels[at + c] = Math.min(Math.max(Math.round(value), 0), 255);
      }
      pixels[at + 3] = Math.round(ground[3] + (ink[3] - ground[3]) * cover);
    }
  }
  for (let speck = 0; speck < specks; speck++) {
    const [x, y] = [Math.floor(uniform(next) * (width - 1)), Math.floor(uniform(next) * (height - 1))];
    for (const at of [y * width + x, (y + 1) * width + x]) pixels.set([...BLACK, ...BLACK], 4 * at);
  }
  return { width, height, pixels };
}

/** From a point to the nearest stroke. */
function distance([x, y]: Point, lines: readonly (readonly Point[])[]): number {
  let least = Infinity;
  for (const line of lines) {
    for (let i = 1; i < line.length; i++) {
      const [[x0, y0], [x1, y1]] = [line[i - 1]!, line[i]!];
      const [dx, dy] = [x1 - x0, y1 - y0];
      const t = Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0), 1);
      const [offX, offY] = [x - x0 - t * dx, y - y0 - t * dy];
      least = Math.min(least, offX * offX + offY * offY);
    }
  }
  return Math.sqrt(least);
}
