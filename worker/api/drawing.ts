// From decoded digits to the bytes of a picture: what each picture format draws, and what the parameters of drawing allow.

import { shortestDecimal } from "../../shared/arithmetic/decimal.ts";
import { parseBackground, parseColour, type Style } from "../../shared/image/colour.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import { encodeApng, encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { rasterizeSheet, type Sheet } from "../../shared/image/sheet.ts";
import { encodeSheetSvg, encodeSvg } from "../../shared/image/svg.ts";
import type { SampledDraw } from "../../shared/latent/sampler.ts";
import { MAX_PIXELS } from "../../shared/limits.ts";
import { InvalidParameterError } from "./problems.ts";
import type { Body } from "./reply.ts";

/** The functions that turn digits into bytes, given colours and a size. */
export interface Renderer {
  readonly scale: typeof scaleImage;
  readonly rasterize: typeof rasterizeSheet;
  readonly png: typeof encodePng;
  readonly apng: typeof encodeApng;
  readonly svg: typeof encodeSvg;
  readonly sheetSvg: typeof encodeSheetSvg;
}

const FORMAT_1: Renderer = {
  scale: scaleImage,
  rasterize: rasterizeSheet,
  png: encodePng,
  apng: encodeApng,
  svg: encodeSvg,
  sheetSvg: encodeSheetSvg,
};

/** By picture format. Add a format here and in shared/image/picture-format.ts. */
export const RENDERERS: Readonly<Record<PictureFormat, Renderer>> = { 1: FORMAT_1 };

export interface Drawing {
  /** Side of a digit, pixels. */
  readonly size: number;
  readonly fg: string;
  readonly bg: string;
}

export function styleOf({ fg, bg }: Drawing): Style {
  return { foreground: parseColour(fg), background: parseBackground(bg) };
}

/**
 * Refuses a picture of too many pixels, before anything is drawn.
 * @throws InvalidParameterError naming the size that is too large
 */
export function checkPixels(count: number, { size }: Drawing): void {
  if (count * size * size <= MAX_PIXELS) return;
  const most = Math.floor(Math.sqrt(MAX_PIXELS / count));
  throw new InvalidParameterError(
    "size",
    `parameter "size": ${count} digits of ${size} pixels a side exceed ${MAX_PIXELS} pixels in all; use size <= ${most}`,
  );
}

/**
 * Refuses colours where the format has none.
 * @param given  names of the request's parameters
 * @throws InvalidParameterError
 */
export function checkColours(format: string, given: ReadonlySet<string>): void {
  if (format !== "json") return;
  for (const name of ["fg", "bg"]) {
    if (!given.has(name)) continue;
    throw new InvalidParameterError(
      name,
      `parameter "${name}" does not apply to format=json: grey levels have no colours`,
    );
  }
}

/**
 * Refuses details in formats other than JSON.
 * @param given  names of the request's parameters
 * @throws InvalidParameterError
 */
export function checkDetails(format: string, given: ReadonlySet<string>): void {
  if (format === "json" || !given.has("details")) return;
  throw new InvalidParameterError(
    "details",
    `parameter "details" requires format=json, found format=${format}`,
  );
}

/** A sheet as a file of pixels or of outlines. */
export function encodeSheet(
  sheet: Sheet,
  format: "png" | "svg",
  drawing: Drawing & { readonly picture: PictureFormat },
): Body {
  const { rasterize, png, sheetSvg } = RENDERERS[drawing.picture];
  if (format === "svg") return sheetSvg(sheet, drawing.size, styleOf(drawing));
  return png(rasterize(sheet, drawing.size), styleOf(drawing));
}

/** What a digit was drawn from, for JSON; /decode draws it again from the latent or codes, /sample from seed and digit. */
export function describeDraw({ seed, digit, latent, codes }: SampledDraw) {
  return {
    seed,
    ...(digit !== undefined && { digit }),
    ...(codes ? { codes: [...codes] } : { latent: toNumbers(latent) }),
  };
}

/** A latent for JSON, each number as short as it reads back to the bit. */
export function toNumbers(latent: Float32Array): number[] {
  return Array.from(latent, shortestDecimal);
}
