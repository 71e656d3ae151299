// From decoded digits to the bytes of a picture: the renderer of each picture format, and checks that all pictures share.

import { shortestDecimal } from "../../shared/arithmetic/decimal.ts";
import { parseBackground, parseColour } from "../../shared/image/colour.ts";
import { toJson, writeJson } from "../../shared/image/json.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import { encodeApng, encodePng } from "../../shared/image/png.ts";
import type { GreyImage } from "../../shared/image/raster.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { rasterizeSheet, type Sheet } from "../../shared/image/sheet.ts";
import { encodeSheetSvg, encodeSvg } from "../../shared/image/svg.ts";
import type { LatentDraw, LatentPoint } from "../../shared/latent/latent-kind.ts";
import { MAX_PIXELS } from "../../shared/limits.ts";
import { InvalidParameterError, invalid } from "./problems.ts";
import type { Body } from "./reply.ts";

export interface Drawing {
  /** Side of a digit, pixels. */
  readonly size: number;
  readonly fg: string;
  readonly bg: string;
}

/** Turns digits into bytes, in the requested colours and size. */
export type Renderer = ReturnType<typeof format1>;

function format1({ size, fg, bg }: Drawing) {
  const style = { foreground: parseColour(fg), background: parseBackground(bg) };
  return {
    scale: (image: GreyImage) => scaleImage(image, size),
    rasterize: (sheet: Sheet) => rasterizeSheet(sheet, size),
    png: (image: GreyImage) => encodePng(image, style),
    apng: (frames: readonly GreyImage[], fps: number) => encodeApng(frames, fps, style),
    svg: (image: GreyImage) => encodeSvg(image, size, style),
    sheetSvg: (sheet: Sheet) => encodeSheetSvg(sheet, size, style),
  };
}

/** By picture format. Add a format here and in shared/image/picture-format.ts. */
export const RENDERERS: Readonly<Record<PictureFormat, (drawing: Drawing) => Renderer>> = { 1: format1 };

/**
 * Refuses a picture of too many pixels, before anything is drawn.
 * @throws InvalidParameterError naming the size that is too large
 */
export function checkPixels(count: number, { size }: Drawing): void {
  if (count * size * size <= MAX_PIXELS) return;
  const most = Math.floor(Math.sqrt(MAX_PIXELS / count));
  throw invalid(
    "size",
    `${count} digits of ${size} pixels a side exceed ${MAX_PIXELS} pixels in all; use size <= ${most}`,
  );
}

/**
 * Refuses parameters that do not apply to the format.
 * @param given  names of the request's parameters
 * @throws InvalidParameterError
 */
export function checkFormat(format: string, given: ReadonlySet<string>): void {
  const refuse = (name: string, why: string) => {
    if (given.has(name)) throw new InvalidParameterError(name, `parameter "${name}" ${why}`);
  };
  if (format === "json") {
    for (const name of ["fg", "bg"])
      refuse(name, "does not apply to format=json: grey levels have no colours");
  } else refuse("details", `requires format=json, found format=${format}`);
}

/** A digit as a file. @param facts  for JSON, beside the grey levels */
export function encodeDigit(
  image: GreyImage,
  format: "png" | "svg" | "json",
  { scale, png, svg }: Renderer,
  facts: object | false,
): Body {
  if (format === "png") return png(scale(image));
  if (format === "svg") return svg(image);
  return writeJson({ ...facts, ...toJson(scale(image)) });
}

/** A sheet as a file of pixels or of outlines. */
export function encodeSheet(
  sheet: Sheet,
  format: "png" | "svg",
  { rasterize, png, sheetSvg }: Renderer,
): Body {
  return format === "svg" ? sheetSvg(sheet) : png(rasterize(sheet));
}

/** What a digit was drawn from, for JSON: /decode takes the latent or codes, /sample the seed and digit. */
export function describeDraw({ seed, digit, numbers }: LatentDraw) {
  return { seed, ...(digit !== undefined && { digit }), ...describePoint({ numbers }) };
}

/** A latent's numbers, by name. */
export function describePoint({ numbers }: Pick<LatentPoint, "numbers">): Record<string, number[]> {
  return Object.fromEntries(Object.entries(numbers).map(([name, values]) => [name, toNumbers(values)]));
}

/** For JSON: float32 numbers as the shortest decimals that read back to the same; codes as they are. */
export function toNumbers(values: ArrayLike<number>): number[] {
  return values instanceof Float32Array ? Array.from(values, shortestDecimal) : Array.from(values);
}
