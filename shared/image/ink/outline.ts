// Outlines of the field that pixels are drawn from, at the same level: contours of its values at the image's pixels, moved to
// where the field itself crosses the level. Only additions, multiplications, divisions and square roots of float64, so every
// engine gets the same.

import { type Point, spaceEvenly, traceContours } from "../outline.ts";
import { type InkField, MARGIN } from "./ink.ts";

/** The field is traced a pixel beyond the image, where all is paper. */
const BORDER = 1;
/** Distance of control points, pixels of the image. */
const SPACING = 1;
/** Smaller outlines are specks; pixels squared. */
const MIN_AREA = 0.25;
/** Points move no further than this, pixels. */
const MAX_MOVE = 0.5;

/**
 * Control points of quadratic B-splines along the edges.
 * @param side  of the digit's image, pixels
 * @param shear  pixels to the right for each pixel up from the middle
 */
export function traceField(field: InkField, side: number, shear: number): Point[][] {
  const count = side + 2 * BORDER;
  const rings = traceContours(sampleField(field, count), count, count, field.level, MIN_AREA);
  return rings.map((ring) => {
    const points = spaceEvenly(ring, SPACING).map((point) => moveToEdge(field, point));
    return passThrough(points).map(
      ([x, y]): Point => [x - BORDER + shear * (side / 2 + BORDER - y), y - BORDER],
    );
  });
}

/** The field at the centres of pixels, [count, count]. */
function sampleField({ coefficients, stride }: InkField, count: number): Float64Array {
  const values = new Float64Array(count * count);
  for (let y = 0; y < count; y++) {
    for (let x = 0; x < count; x++) {
      const at = (y + MARGIN - BORDER) * stride + x + MARGIN - BORDER;
      const line = (middle: number) =>
        coefficients[middle - 1]! + 4 * coefficients[middle]! + coefficients[middle + 1]!;
      values[y * count + x] = line(at - stride) + 4 * line(at) + line(at + stride);
    }
  }
  return values;
}

/** One step of Newton's method along the gradient. */
function moveToEdge({ coefficients, stride, level }: InkField, [x, y]: Point): Point {
  const [column, row] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [wx, sx] = splineWeights(x - 0.5 - column);
  const [wy, sy] = splineWeights(y - 0.5 - row);
  let [height, dx, dy] = [-level, 0, 0];
  for (let j = 0; j < 4; j++) {
    const at = (row + j - 1 + MARGIN - BORDER) * stride + column - 1 + MARGIN - BORDER;
    let [value, slope] = [0, 0];
    for (let i = 0; i < 4; i++) {
      value += wx[i]! * coefficients[at + i]!;
      slope += sx[i]! * coefficients[at + i]!;
    }
    height += wy[j]! * value;
    dx += wy[j]! * slope;
    dy += sy[j]! * value;
  }
  const gradient = Math.sqrt(dx * dx + dy * dy);
  if (!(gradient > 0)) return [x, y];
  const move = Math.min(Math.max(height / gradient, -MAX_MOVE), MAX_MOVE) / gradient;
  return [x - move * dx, y - move * dy];
}

type Four = readonly [number, number, number, number];

/** 6 times a uniform cubic B-spline's weights of four coefficients, and their slopes, between the second and the third. */
function splineWeights(t: number): readonly [weights: Four, slopes: Four] {
  const u = 1 - t;
  return [
    [u * u * u, 4 - 3 * t * t * (2 - t), 4 - 3 * u * u * (2 - u), t * t * t],
    [-3 * u * u, 3 * t * (3 * t - 4), 3 * u * (4 - 3 * u), 3 * t * t],
  ];
}

/** Moves control points so that the spline passes through them, to the second order of their distance. */
function passThrough(points: readonly Point[]): Point[] {
  return points.map((point, i) => {
    const [before, after] = [points.at(i - 1)!, points[(i + 1) % points.length]!];
    const move = (k: 0 | 1) => point[k] - (before[k] - 2 * point[k] + after[k]) / 8;
    return [move(0), move(1)];
  });
}
