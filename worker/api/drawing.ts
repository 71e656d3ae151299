// From decoded digits to the bytes of a picture: the renderer of each picture format, and checks that all pictures share.

import { shortestDecimal } from "../../shared/arithmetic/decimal.ts";
import { parseBackground, parseColour } from "../../shared/image/colour.ts";
import { type Hand, isPlain, PLAIN_HAND, shearOf } from "../../shared/image/ink/hand.ts";
import type { Ink } from "../../shared/image/ink/ink.ts";
import { traceField } from "../../shared/image/ink/outline.ts";
import { toJson, writeJson } from "../../shared/image/json.ts";
import { paintSmallest } from "../../shared/image/paint.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import { encodeApng, encodePng } from "../../shared/image/png.ts";
import type { Digit, DrawnDigit, GreyImage } from "../../shared/image/raster.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { gridSheet, rasterizeSheet, type Sheet, tileImages } from "../../shared/image/sheet.ts";
import { encodeSheetSvg, encodeSvg } from "../../shared/image/svg.ts";
import type { LatentDraw, LatentPoint } from "../../shared/latent/latent-kind.ts";
import { MAX_PIXELS } from "../../shared/limits.ts";
import { InvalidParameterError, invalid } from "./problems.ts";
import type { Body } from "./reply.ts";

/** Path units per pixel of the decoder's, in format 2. */
const PATH_UNITS = 50;

export interface Drawing extends Hand {
  /** Side of a digit, pixels. */
  readonly size: number;
  readonly fg: string;
  readonly bg: string;
}

/** Turns digits into bytes, in the requested colours and size. */
export interface Renderer {
  /** A digit's square. */
  readonly scale: (digit: Digit) => GreyImage;
  /** A digit with what reaches beyond its square. */
  readonly draw: (digit: Digit) => DrawnDigit;
  /** The same in the digit's own pixels, by which digits are spaced. */
  readonly shape: (digit: Digit) => DrawnDigit;
  readonly rasterize: (sheet: Sheet<Digit>) => GreyImage;
  readonly png: (image: GreyImage) => Uint8Array<ArrayBuffer>;
  readonly apng: (frames: readonly GreyImage[], fps: number) => Uint8Array<ArrayBuffer>;
  /** Digits below each other. */
  readonly svg: (digits: readonly Digit[]) => string;
  readonly sheetSvg: (sheet: Sheet<Digit>) => string;
}

/** Pixels are enlarged, and outlines traced around them. */
function format1({ size, fg, bg }: Drawing, _: Ink): Renderer {
  const style = { foreground: parseColour(fg), background: parseBackground(bg) };
  return {
    scale: (digit) => scaleImage(digit, size),
    draw: (digit) => ({ ...scaleImage(digit, size), left: 0 }),
    shape: (digit) => ({ ...digit, left: 0 }),
    rasterize: (sheet) => rasterizeSheet(sheet, size),
    png: (image) => encodePng(image, style),
    apng: (frames, fps) => encodeApng(frames, fps, style),
    svg: (digits) => encodeSvg(tileImages(digits, 1), size, style),
    sheetSvg: (sheet) => encodeSheetSvg(sheet, size, style),
  };
}

/** Above the digit's own size, or in another hand, pixels are drawn from the logits; outlines always are. */
function format2(drawing: Drawing, ink: Ink): Renderer {
  const { size, slant, weight, fg, bg } = drawing;
  const style = { foreground: parseColour(fg), background: parseBackground(bg) };
  const hand = { slant, weight };
  const shear = shearOf(hand);
  const tracing = {
    trace: (digit: Digit) => traceField(ink.field(digit, hand), digit.width, shear),
    units: PATH_UNITS,
  };
  const drawAt = (side: number) => (digit: Digit) => {
    if (side === digit.width && isPlain(hand)) return { ...digit, left: 0 };
    const overhang = Math.ceil((Math.abs(shear) * side) / 2);
    return {
      ...ink.draw(digit, side, hand, { left: -overhang, width: side + 2 * overhang }),
      left: -overhang,
    };
  };
  return {
    ...format1(drawing, ink),
    scale: (digit) => (size === digit.width && isPlain(hand) ? digit : ink.draw(digit, size, hand)),
    draw: drawAt(size),
    shape: (digit) => drawAt(digit.width)(digit),
    rasterize: (sheet) => rasterizeSheet(sheet, size, drawAt(size)),
    png: (image) => encodePng(image, style, paintSmallest),
    apng: (frames, fps) => encodeApng(frames, fps, style, paintSmallest),
    svg: (digits) =>
      digits.length === 1
        ? encodeSvg(digits[0]!, size, style, tracing)
        : encodeSheetSvg(gridSheet(digits, 1), size, style, tracing),
    sheetSvg: (sheet) => encodeSheetSvg(sheet, size, style, tracing),
  };
}

/** By picture format. Add a format here and in shared/image/picture-format.ts. */
export const RENDERERS: Readonly<Record<PictureFormat, (drawing: Drawing, ink: Ink) => Renderer>> = {
  1: format1,
  2: format2,
};

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
