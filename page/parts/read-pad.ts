// Reads a pad in MNIST's form.

import { EmptyImageError, UnclearImageError } from "../../shared/errors.ts";
import { FITTED_SIDE, fitDigit } from "../../shared/image/fit/fit-digit.ts";
import { type Box, boxAround, type GreyImage } from "../../shared/image/raster.ts";
import { type Drawing, PAD_SIDE, paintWhite } from "./pen.ts";

/** Least level of ink. */
const INK = 64;
/** MNIST's digits fill a square of this side. */
const DIGIT_SIDE = 20;

/** The drawing in MNIST's form, by the same steps as /encode; undefined if nothing is drawn. */
export function readPad(drawing: Drawing): GreyImage | undefined {
  const { canvas, pixels } = paintWhite(drawing);
  const levels = new Uint8Array(pixels.filter((_, i) => i % 4 === 0));
  const box = boxAround({ width: PAD_SIDE, height: PAD_SIDE, pixels: levels }, INK);
  if (!box) return undefined;
  try {
    const { image, isInverted } = fitDigit({ width: PAD_SIDE, height: PAD_SIDE, pixels });
    if (!isInverted) return image;
  } catch (error) {
    if (!(error instanceof EmptyImageError || error instanceof UnclearImageError)) throw error;
  }
  // A pad that is mostly white looks like dark ink on white paper. Here it is known which is which.
  return shrink(canvas, box);
}

/** A part of the pad, in the middle of a picture of MNIST's size. */
function shrink(canvas: OffscreenCanvas, { x, y, width, height }: Box): GreyImage {
  const small = new OffscreenCanvas(FITTED_SIDE, FITTED_SIDE).getContext("2d")!;
  small.imageSmoothingQuality = "high";
  const scale = DIGIT_SIDE / Math.max(width, height);
  const [w, h] = [width * scale, height * scale];
  small.drawImage(canvas, x, y, width, height, (FITTED_SIDE - w) / 2, (FITTED_SIDE - h) / 2, w, h);
  const { data } = small.getImageData(0, 0, FITTED_SIDE, FITTED_SIDE);
  const pixels = Uint8Array.from({ length: FITTED_SIDE * FITTED_SIDE }, (_, i) => data[4 * i]!);
  return { width: FITTED_SIDE, height: FITTED_SIDE, pixels };
}
