// What pictures of all operations share: checks of their parameters, and digits as bytes or as JSON.

import { shortestDecimal } from "../../shared/arithmetic/decimal.ts";
import { type Hand, isPlain, PLAIN_HAND } from "../../shared/image/ink/hand.ts";
import { toJson, writeJson } from "../../shared/image/json.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import type { Digit } from "../../shared/image/raster.ts";
import type { Drawing, Renderer } from "../../shared/image/renderer.ts";
import type { Sheet } from "../../shared/image/sheet.ts";
import type { LatentDraw, LatentPoint } from "../../shared/latent/latent-kind.ts";
import { MAX_PIXELS } from "../../shared/limits.ts";
import { InvalidParameterError, invalid } from "./problems.ts";
import type { Body } from "./reply.ts";

/**
 * Refuses a picture of too many pixels, before anything is drawn.
 * @throws InvalidParameterError naming the size that is too large
 */
export function checkPixels(count: number, { size, format }: Drawing & { readonly format: string }): void {
  // The cost of outlines does not grow with size.
  if (format === "svg" || count * size * size <= MAX_PIXELS) return;
  const most = Math.floor(Math.sqrt(MAX_PIXELS / count));
  throw invalid(
    "size",
    `${count} digits of ${size} pixels a side exceed ${MAX_PIXELS} pixels in all; use size <= ${most}`,
  );
}

/**
 * Refuses a hand that the picture format cannot draw.
 * @throws InvalidParameterError
 */
export function checkHand({ slant, weight }: Hand, format: PictureFormat): void {
  if (format !== 1 || isPlain({ slant, weight })) return;
  const name = slant === PLAIN_HAND.slant ? "weight" : "slant";
  throw invalid(
    name,
    `requires picture=2, found picture format 1, which is that of pinned addresses without "picture"`,
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
  digit: Digit,
  format: "png" | "svg" | "json",
  { scale, png, svg }: Renderer,
  facts: object | false,
): Body {
  if (format === "png") return png(scale(digit));
  if (format === "svg") return svg([digit]);
  return writeJson({ ...facts, ...toJson(scale(digit)) });
}

/** A sheet as a file of pixels or of outlines. */
export function encodeSheet(
  sheet: Sheet<Digit>,
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
