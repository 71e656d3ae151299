// Whether a drawing looks like a digit to a model: the model is sure of its reading, and what it draws again looks like the
// drawing. Scribbles are read as some digit too, often with certainty, but come back as something else.

import type { GreyImage } from "../shared/image/raster.ts";

/** Least probability of the likeliest digit. */
const LEAST_SURE = 0.5;
/** Least likeness. With both, 1.7% of MNIST's validation images look like no digit to the bundled model with a flow. */
const LEAST_ALIKE = 0.87;

/**
 * @param drawn  in MNIST's form
 * @param again  what the model's decoder makes of its latent
 * @param shares  the model's probability of each digit
 */
export function looksLikeDigit(drawn: GreyImage, again: GreyImage, shares: readonly number[]): boolean {
  return Math.max(...shares) >= LEAST_SURE && likeness(drawn, again) >= LEAST_ALIKE;
}

/** Cosine of the angle between two pictures' grey levels: 1 for equal ones, 0 where no ink overlaps. */
function likeness({ pixels: a }: GreyImage, { pixels: b }: GreyImage): number {
  const product = (x: Uint8Array, y: Uint8Array) => x.reduce((sum, level, i) => sum + level * y[i]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b) || 1);
}
