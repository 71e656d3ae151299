// Grey pixels to smooth outlines: contours where the ink is (d3-contour's marching squares), points evenly spaced
// along them, and the quadratic B-spline that those points control. SVG 2, 9.3 Path data,
// https://www.w3.org/TR/SVG2/paths.html#PathData

import { contours } from "d3-contour";
import { formatColour, type Style, WHITE_ON_BLACK } from "./colour.ts";
import type { GreyImage } from "./raster.ts";
import { type Sheet, toPixels } from "./sheet.ts";

/** Least level of an outline: anything fainter is not ink, even where there is nothing else. */
const MIN_INK_LEVEL = 48;
/** Distance of control points along the outline, pixels of the image: evens out the steps of the pixels. */
const SPACING = 1;
/** Smaller outlines are specks, not ink; square pixels of the image. */
const MIN_AREA = 0.5;
/** Path units per pixel of the image: with even control points all coordinates are whole, and mirror exactly. */
const UNITS = 20;

type Point = readonly [x: number, y: number];

/**
 * An image as an SVG document of outlines, sharp at any size: about 0.7 KB for a digit.
 * @param width  of the picture, CSS pixels; its height follows from the image
 */
export function encodeSvg(image: GreyImage, width: number, style: Style = WHITE_ON_BLACK): string {
  const height = (width * image.height) / image.width;
  const [columns, rows] = [image.width, image.height];
  const path = inkPath(image);
  const ground = groundPath(columns, rows, style);
  const ink =
    path &&
    `<path fill="#${formatColour(style.foreground)}" fill-rule="evenodd" transform="scale(${1 / UNITS})" d="${path}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns} ${rows}" width="${width}" height="${height}">${ground}${ink}</svg>`;
}

/**
 * A sheet as an SVG document, each digit with the same outlines as on its own.
 * @param size  side of a digit, CSS pixels
 */
export function encodeSheetSvg(sheet: Sheet, size: number, style: Style = WHITE_ON_BLACK): string {
  const [columns, rows] = [sheet.width, sheet.height];
  const [width, height] = [toPixels(sheet, columns, size), toPixels(sheet, rows, size)];
  const digits = sheet.digits.map(({ image, left, top }) => {
    const path = inkPath(image);
    return path && `<path transform="translate(${left * UNITS} ${top * UNITS})" d="${path}"/>`;
  });
  const ink = `<g fill="#${formatColour(style.foreground)}" fill-rule="evenodd" transform="scale(${1 / UNITS})">${digits.join("")}</g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns} ${rows}" width="${width}" height="${height}">${groundPath(columns, rows, style)}${ink}</svg>`;
}

/** A rectangle in the ground's colour, or nothing where that is transparent. */
function groundPath(columns: number, rows: number, { background }: Style): string {
  if (background === "transparent") return "";
  return `<path fill="#${formatColour(background)}" d="M0 0h${columns}v${rows}H0z"/>`;
}

/** Path data of an image's ink, in path units; empty where there is none. */
function inkPath(image: GreyImage): string {
  return outlines(image).map(splinePath).join("");
}

/** Closed outlines of ink and of the holes in it, in pixels of the image. */
function outlines({ width, height, pixels }: GreyImage): Point[][] {
  // The type asks for an array, the code for anything with an index.
  const values = pixels as unknown as number[];
  const { coordinates } = contours().size([width, height]).contour(values, inkLevel(pixels));
  const rings = coordinates.flat() as unknown as Point[][];
  return rings.filter((ring) => area(ring) >= MIN_AREA).map(spaceEvenly);
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

/** Points at equal distances along a ring, whose last point is its first. */
function spaceEvenly(ring: readonly Point[]): Point[] {
  const steps = ring.slice(1).map(([x, y], i) => {
    const [dx, dy] = [x - ring[i]![0], y - ring[i]![1]];
    return Math.sqrt(dx * dx + dy * dy);
  });
  const length = steps.reduce((sum, step) => sum + step, 0);
  const count = Math.max(4, Math.round(length / SPACING));
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

/**
 * The closed uniform quadratic B-spline of control points. Its pieces meet at the midpoints of neighbours, so each
 * control point is the mirror image of the one before: the `t` command, with one point a piece.
 */
function splinePath(points: readonly Point[]): string {
  const controls = points.map(([x, y]): Point => [snap(x), snap(y)]);
  let at = middle(controls.at(-1)!, controls[0]!);
  let path = `M${pair(at)}q${pair(minus(controls[0]!, at))}`;
  controls.forEach((control, i) => {
    const next = middle(control, controls[(i + 1) % controls.length]!);
    const step = pair(minus(next, at));
    if (i === 1) path += "t";
    path += i === 1 || step.startsWith("-") ? step : ` ${step}`;
    at = next;
  });
  return `${path}z`;
}

/** Nearest even path unit. */
const snap = (value: number) => 2 * Math.floor((value * UNITS) / 2 + 0.5);
const middle = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1]];
/** Two numbers, and a space only where no sign separates them. */
const pair = ([x, y]: Point) => (y < 0 ? `${x}${y}` : `${x} ${y}`);
