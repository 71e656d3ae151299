// Draws images of a data set as planned, equal to the bit to what /sample draws from the same parameters.

import { isPlain } from "../image/ink/hand.ts";
import type { OpenRelease } from "../release/open.ts";
import type { PlannedImage } from "./plan.ts";

/** Side of an image, pixels. */
export const SIDE = 28;

/**
 * @returns uint8 [images, 28, 28]; 0 is background and 255 ink
 * @throws SamplerError for a model that cannot be asked for a digit; ArgumentError
 */
export function drawImages(
  { decoder, latent, ink }: OpenRelease,
  images: readonly PlannedImage[],
): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(images.length * SIDE * SIDE);
  const draws = latent.drawAll(images);
  decoder.images(draws.map((draw) => draw.latent)).forEach((digit, i) => {
    const { hand } = images[i]!;
    pixels.set((isPlain(hand) ? digit : ink.draw(digit, SIDE, hand)).pixels, i * SIDE * SIDE);
  });
  return pixels;
}
