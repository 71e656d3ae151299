// Digits at any size, drawn from the decoder's logits: picture format 2. This *defines* its arithmetic, as
// ../../decoder/reference.ts does that of pixels, and is the oracle of the kernel. Pixels blur when they are enlarged; logits
// are a smooth field that crosses a level at the edge of a stroke, so they are interpolated first and inked afterwards:
//
//   - A logit x counts as x / (12 + |x|), between -1 and 1: how sure a decoder is far from an edge does not move the edge.
//     Outside of the image all is paper, -1. Half of what a 5 x 5 binomial blur takes away is added (the spline smooths).
//   - These are the coefficients of a uniform cubic B-spline, which is smooth to its second derivative, so that edges do
//     not show where the pixels were, as those of Catmull-Rom do.
//   - A pixel's ink is 1/2 + d, between 0 and 1, where d is the distance to the edge in pixels of the picture, to first order:
//     (value - level) / |gradient|. So an edge is a pixel wide at any size, however steep the logits are.
//   - The level is the one at which the digit at its own size has as much ink as the decoder's pixels: near logit 0 where
//     the decoder is sure, lower where it is not, so that faint strokes keep together.
//
// All numbers are float32, and each operation is rounded to it. Positions are whole numbers.

import type { GreyImage } from "../raster.ts";

const { fround, sqrt, floor, abs } = Math;

/** Logit that counts as 1/2. */
const HALF_LOGIT = 12;
/** Paper, in the field's units. */
const PAPER = -1;
/** The spline's polynomials are 6 times their value along each axis. */
const SPLINE_SCALE = 36;
const KEPT = fround(1.5 / SPLINE_SCALE);
const BLURRED = fround(0.5 / 256 / SPLINE_SCALE);
const PAPER_COEFFICIENT = fround(PAPER / SPLINE_SCALE);
/** Levels lie between plus and minus this; each step of the search halves what is left. */
const MAX_LEVEL = 0.75;
const LEVEL_STEPS = 12;
/** Where the field is flat. */
const LEAST_GRADIENT = fround(1e-30);

/** A digit's field: spline coefficients by (row, column), which may lie outside of the image. */
export type Field = (row: number, column: number) => number;

/** @param logits  float32 [side, side] */
export function fieldOf(logits: Float32Array, side: number): Field {
  const isInside = (row: number, column: number) => row >= 0 && row < side && column >= 0 && column < side;
  const at = (row: number, column: number) => {
    if (!isInside(row, column)) return PAPER;
    const logit = logits[row * side + column]!;
    return fround(logit / fround(HALF_LOGIT + abs(logit)));
  };
  const blurRow = (row: number, column: number) =>
    binomial([-2, -1, 0, 1, 2].map((offset) => at(row, column + offset)));
  return (row, column) => {
    if (!isInside(row, column)) return PAPER_COEFFICIENT;
    const blurred = binomial([-2, -1, 0, 1, 2].map((offset) => blurRow(row + offset, column)));
    return fround(fround(at(row, column) * KEPT) - fround(blurred * BLURRED));
  };
}

/** 16 times the mean of five numbers weighted by 1, 4, 6, 4 and 1. */
function binomial(values: readonly number[]): number {
  const [a, b, c, d, e] = values as [number, number, number, number, number];
  const outer = fround(fround(a + e) + fround(4 * fround(b + d)));
  return fround(outer + fround(6 * c));
}

type Four = readonly [number, number, number, number];

/** 6 times the spline between the second and the third of four coefficients, at t from 0 to 1. */
function valueAt([c0, c1, c2, c3]: Four, t: number): number {
  const { a0, a1, a2, a3 } = polynomial(c0, c1, c2, c3);
  return fround(fround(fround(fround(fround(fround(a3 * t) + a2) * t) + a1) * t) + a0);
}

/** Its derivative. */
function slopeAt([c0, c1, c2, c3]: Four, t: number): number {
  const { a1, a2, a3 } = polynomial(c0, c1, c2, c3);
  return fround(fround(fround(fround(fround(3 * a3) * t) + fround(2 * a2)) * t) + a1);
}

function polynomial(c0: number, c1: number, c2: number, c3: number) {
  const ends = fround(c0 + c2);
  return {
    a0: fround(ends + fround(4 * c1)),
    a1: fround(3 * fround(c2 - c0)),
    a2: fround(3 * fround(ends - fround(2 * c1))),
    a3: fround(fround(c3 - c0) + fround(3 * fround(c1 - c2))),
  };
}

/** Part of a picture's columns, in its pixels; may begin left of the digit's square and end right of it. */
export interface Columns {
  readonly left: number;
  readonly width: number;
}

/**
 * Draws a digit's field.
 * @param size  side of the digit's square, pixels
 * @param shear  pixels to the right for each pixel up from the middle
 */
export function inkField(
  field: Field,
  level: number,
  side: number,
  size: number,
  shear: number,
  { left, width }: Columns = { left: 0, width: size },
): GreyImage {
  const unit = 2 * size;
  const inverse = fround(1 / unit);
  const lean = fround(shear);
  const gain = fround((255 * size) / side);
  const pixels = new Uint8Array(width * size);
  for (let y = 0; y < size; y++) {
    // Positions in units of 1 / (2 size) of the image's pixels, from the centre of its first.
    const down = (2 * y + 1) * side - size;
    const row = floor(down / unit);
    const ty = fround((down - row * unit) * inverse);
    const shift = floor(shear * (side * (2 * y + 1 - size)) + 0.5);
    for (let x = 0; x < width; x++) {
      const across = (2 * (x + left) + 1) * side - size + shift;
      const column = floor(across / unit);
      const tx = fround((across - column * unit) * inverse);
      const columns = [-1, 0, 1, 2].map((i) => [-1, 0, 1, 2].map((j) => field(row + j, column + i)));
      const values = columns.map((four) => valueAt(four as unknown as Four, ty)) as unknown as Four;
      const slopes = columns.map((four) => slopeAt(four as unknown as Four, ty)) as unknown as Four;
      const dx = slopeAt(values, tx);
      const dy = fround(valueAt(slopes, tx) + fround(lean * dx));
      const gradient = fround(sqrt(fround(fround(dx * dx) + fround(dy * dy))));
      const slope = fround(gain / Math.max(gradient, LEAST_GRADIENT));
      pixels[y * width + x] = inkOf(fround(valueAt(values, tx) - level), slope);
    }
  }
  return { width, height: size, pixels };
}

/** 255 (1/2 + height * slope), between 0 and 255, rounded half up. */
function inkOf(height: number, slope: number): number {
  return Math.min(Math.max(fround(fround(height * slope) + 128), 0), 255);
}

/**
 * The greatest level, to about 0.0002, at which the digit at its own size has as much ink as is asked for.
 * @param ink  sum of the levels of all pixels
 */
export function levelOf(field: Field, side: number, ink: number): number {
  let [low, high] = [-MAX_LEVEL, MAX_LEVEL];
  for (let step = 0; step < LEVEL_STEPS; step++) {
    const middle = (low + high) / 2;
    const { pixels } = inkField(field, middle, side, side, 0);
    if (pixels.reduce((sum, level) => sum + level, 0) >= ink) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
