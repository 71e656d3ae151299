// From the drawing parameters of a query to the image encoders of shared/image/.

import { shortestDecimal } from "../shared/decimal.ts";
import { parseBackground, parseColour, type Style } from "../shared/image/colour.ts";
import { encodePng } from "../shared/image/png.ts";
import { MAX_SIZE } from "../shared/image/scale.ts";
import { rasterizeSheet, type Sheet } from "../shared/image/sheet.ts";
import { encodeSheetSvg } from "../shared/image/svg.ts";
import type { SampledDraw } from "../shared/sampler.ts";
import { InvalidParameterError } from "./problems.ts";

export interface Drawing {
  /** Side of a digit, pixels. */
  readonly size: number;
  readonly fg: string;
  readonly bg: string;
}

/** At most as many pixels in all as one picture of the largest size has, so that cost is bounded before work starts. */
const MAX_PIXELS = MAX_SIZE * MAX_SIZE;

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
    `parameter "size": ${count} digits of ${size} pixels are too many; at most ${most} with so many digits`,
  );
}

/**
 * Refuses colours where the format has none.
 * @throws InvalidParameterError
 */
export function checkColours(format: string, { fg, bg }: Drawing): void {
  if (format !== "json" || (fg === "ffffff" && bg === "000000")) return;
  const name = fg === "ffffff" ? "bg" : "fg";
  throw new InvalidParameterError(
    name,
    `parameter "${name}": format=json holds grey levels and has no colours`,
  );
}

/**
 * Refuses details where only JSON could tell them.
 * @throws InvalidParameterError
 */
export function checkDetails(format: string, details: boolean): void {
  if (!details || format === "json") return;
  throw new InvalidParameterError(
    "details",
    `parameter "details": format=${format} has no room for them; format=json has`,
  );
}

/** A sheet as a file of pixels or of outlines. */
export function encodeSheet(sheet: Sheet, format: "png" | "svg", drawing: Drawing): Uint8Array | string {
  if (format === "svg") return encodeSheetSvg(sheet, drawing.size, styleOf(drawing));
  return encodePng(rasterizeSheet(sheet, drawing.size), styleOf(drawing));
}

/** Where a digit came from, for JSON; /decode draws it again from the latent or codes, /sample from seed and digit. */
export function toOrigin({ seed, digit, latent, codes }: SampledDraw) {
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
