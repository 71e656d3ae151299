// Outlines of the field that pixels are drawn from, at the same level. Only additions, multiplications and divisions of
// float64, so every engine gets the same.

import { type Point, spaceEvenly, traceContours } from "../outline.ts";
import { type InkField, MARGIN } from "./ink.ts";

/** Samples of the field per pixel of the image, in each direction. */
const SAMPLES = 2;
/** The field is traced a pixel beyond the image, where all is paper. */
const BORDER = 1;
/** Distance of control points, pixels of the image. */
const SPACING = 1;
/** Smaller outlines are specks; samples squared. */
const MIN_AREA = 1;

/**
 * Control points of quadratic B-splines along the edges.
 * @param side  of the digit's image, pixels
 * @param shear  pixels to the right for each pixel up from the middle
 */
export function traceField(field: InkField, side: number, shear: number): Point[][] {
  const count = (side + 2 * BORDER) * SAMPLES;
  const rings = traceContours(sampleField(field, count), count, count, field.level, MIN_AREA);
  return rings.map((ring) => {
    const points = spaceEvenly(ring, SPACING * SAMPLES).map(
      ([x, y]): Point => [x / SAMPLES - BORDER, y / SAMPLES - BORDER],
    );
    return passThrough(points).map(([x, y]): Point => [x + shear * (side / 2 - y), y]);
  });
}

/** The field at the centres of a grid of [count, count] squares. */
function sampleField({ coefficients, stride }: InkField, count: number): Float64Array {
  const rows = coefficients.length / stride;
  const along = Array.from({ length: count }, (_, i) => {
    // From the centre of the image's first pixel.
    const position = (i + 0.5) / SAMPLES - BORDER - 0.5;
    const first = Math.floor(position);
    return { from: first - 1 + MARGIN, weights: splineWeights(position - first) };
  });
  const lines = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) {
    along.forEach(({ from, weights }, i) => {
      const at = row * stride + from;
      lines[row * count + i] = weigh(coefficients, at, 1, weights);
    });
  }
  const values = new Float64Array(count * count);
  along.forEach(({ from, weights }, i) => {
    for (let x = 0; x < count; x++) values[i * count + x] = weigh(lines, from * count + x, count, weights);
  });
  return values;
}

type Four = readonly [number, number, number, number];

function weigh(values: ArrayLike<number>, at: number, step: number, [w0, w1, w2, w3]: Four): number {
  return (
    w0 * values[at]! + w1 * values[at + step]! + w2 * values[at + 2 * step]! + w3 * values[at + 3 * step]!
  );
}

/** 6 times a uniform cubic B-spline's weights of four coefficients, between the second and the third. */
function splineWeights(t: number): Four {
  const u = 1 - t;
  return [u * u * u, 4 - 3 * t * t * (2 - t), 4 - 3 * u * u * (2 - u), t * t * t];
}

/** Moves control points so that the spline passes through them, to the second order of their distance. */
function passThrough(points: readonly Point[]): Point[] {
  return points.map((point, i) => {
    const [before, after] = [points.at(i - 1)!, points[(i + 1) % points.length]!];
    const move = (k: 0 | 1) => point[k] - (before[k] - 2 * point[k] + after[k]) / 8;
    return [move(0), move(1)];
  });
}
