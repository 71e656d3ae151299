// Outlines as an SVG document: the quadratic B-splines that their points control. SVG 2, 9.3 Path data,
// https://www.w3.org/TR/SVG2/paths.html#PathData

import { formatColour, type Style, WHITE_ON_BLACK } from "./colour.ts";
import { type Point, traceImage } from "./outline.ts";
import type { GreyImage } from "./raster.ts";
import { type Sheet, toPixels } from "./sheet.ts";

/** How outlines are found and written. */
export interface Tracing<Image extends GreyImage> {
  /** Control points of closed outlines, of ink and of the holes in it, in pixels of the image. */
  readonly trace: (image: Image) => readonly (readonly Point[])[];
  /** Path units per pixel of the image: with even control points all coordinates are whole, and mirror exactly. */
  readonly units: number;
}

/** Outlines of the pixels. */
const IMAGE_TRACING: Tracing<GreyImage> = { trace: traceImage, units: 20 };

/**
 * An image as an SVG document of outlines, sharp at any size: about 0.7 KB for a digit.
 * @param width  of the picture, CSS pixels; its height follows from the image
 */
export function encodeSvg<Image extends GreyImage>(
  image: Image,
  width: number,
  style: Style = WHITE_ON_BLACK,
  { trace, units }: Tracing<Image> = IMAGE_TRACING,
): string {
  const height = (width * image.height) / image.width;
  const [columns, rows] = [image.width, image.height];
  const path = inkPath(trace(image), units);
  const ground = groundPath(columns, rows, style);
  const ink =
    path &&
    `<path fill="#${formatColour(style.foreground)}" fill-rule="evenodd" transform="scale(${1 / units})" d="${path}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns} ${rows}" width="${width}" height="${height}">${ground}${ink}</svg>`;
}

/**
 * A sheet as an SVG document, each digit with the same outlines as on its own.
 * @param size  side of a digit, CSS pixels
 */
export function encodeSheetSvg<Image extends GreyImage>(
  sheet: Sheet<Image>,
  size: number,
  style: Style = WHITE_ON_BLACK,
  { trace, units }: Tracing<Image> = IMAGE_TRACING,
): string {
  const [columns, rows] = [sheet.width, sheet.height];
  const [width, height] = [toPixels(sheet, columns, size), toPixels(sheet, rows, size)];
  const digits = sheet.digits.map(({ image, left, top }) => {
    const path = inkPath(trace(image), units);
    return path && `<path transform="translate(${left * units} ${top * units})" d="${path}"/>`;
  });
  const ink = `<g fill="#${formatColour(style.foreground)}" fill-rule="evenodd" transform="scale(${1 / units})">${digits.join("")}</g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns} ${rows}" width="${width}" height="${height}">${groundPath(columns, rows, style)}${ink}</svg>`;
}

/** A rectangle in the ground's colour, or nothing where that is transparent. */
function groundPath(columns: number, rows: number, { background }: Style): string {
  if (background === "transparent") return "";
  return `<path fill="#${formatColour(background)}" d="M0 0h${columns}v${rows}H0z"/>`;
}

/** Path data of outlines, in path units; empty where there are none. */
function inkPath(outlines: readonly (readonly Point[])[], units: number): string {
  return outlines.map((points) => splinePath(points, units)).join("");
}

/**
 * The closed uniform quadratic B-spline of control points. Its pieces meet at the midpoints of neighbours, so each
 * control point is the mirror image of the one before: the `t` command, with one point a piece.
 */
function splinePath(points: readonly Point[], units: number): string {
  // The nearest even unit.
  const snap = (value: number) => 2 * Math.floor((value * units) / 2 + 0.5);
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

const middle = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1]];
/** Two numbers, and a space only where no sign separates them. */
const pair = ([x, y]: Point) => (y < 0 ? `${x}${y}` : `${x} ${y}`);
