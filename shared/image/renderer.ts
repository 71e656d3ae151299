// From decoded digits to the bytes of a picture: how each picture format draws.

import { parseBackground, parseColour } from "./colour.ts";
import { drawWhole } from "./ink/draw-whole.ts";
import { type Hand, isPlain, shearOf } from "./ink/hand.ts";
import type { Ink } from "./ink/ink.ts";
import { traceField } from "./ink/outline.ts";
import { paintSmallest } from "./paint.ts";
import type { PictureFormat } from "./picture-format.ts";
import { encodeApng, encodePng } from "./png.ts";
import type { Digit, DrawnDigit, GreyImage } from "./raster.ts";
import { scaleImage } from "./scale.ts";
import { gridSheet, rasterizeSheet, type Sheet, tileImages } from "./sheet.ts";
import { encodeSheetSvg, encodeSvg } from "./svg.ts";

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
  const drawAt = (side: number) => (digit: Digit) => drawWhole(ink, hand, side, digit);
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

/** By picture format. Add a format here and in picture-format.ts. */
export const RENDERERS: Readonly<Record<PictureFormat, (drawing: Drawing, ink: Ink) => Renderer>> = {
  1: format1,
  2: format2,
};
