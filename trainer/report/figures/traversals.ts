// One dimension of the latent at a time, the others as an image has them.

import type { Decoder } from "../../../shared/decoder/decoder.ts";
import { type DigitsPicture, digitsPicture, type Figure } from "../figure.ts";

/** Tiles of a row; the middle one has the dimension's mean. */
const STEPS = 11;
/** Deviations to both sides. */
const REACH = 3;
/** Rows of a picture; more are parted into several. */
const ROWS = 16;

/** Where the latents of images lie in one dimension. */
export interface Dimension {
  readonly index: number;
  readonly kl: number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * @param latent  that the other dimensions are of, float32 [d]
 * @param dimensions  a row for each, in this order
 */
export function traversalsFigure(
  decoder: Decoder,
  latent: Float32Array,
  dimensions: readonly Dimension[],
): Figure {
  const pictures: DigitsPicture[] = [];
  for (let from = 0; from < dimensions.length; from += ROWS) {
    const rows = dimensions.slice(from, from + ROWS);
    const latents = rows.flatMap(({ index, mean, deviation }) =>
      Array.from({ length: STEPS }, (_, step) =>
        latent.with(index, mean + REACH * deviation * ((2 * step) / (STEPS - 1) - 1)),
      ),
    );
    pictures.push(
      digitsPicture(decoder.images(latents), STEPS, {
        alt: `Traversals of ${rows.length} latent dimensions, a row for each`,
        rows: rows.map(({ index }) => `z${index + 1}`),
      }),
    );
  }
  return {
    name: "traversals",
    title: "Traversals",
    pictures,
    caption:
      `A row for each active dimension, by falling KL. Along a row it goes from ${REACH} deviations below the mean over ` +
      `validation images to ${REACH} above (middle: the mean), while the others stay as one validation image has them. ` +
      "A row that changes one thing alone, such as slant or weight, is a disentangled dimension; a row that changes little is hardly used.",
  };
}
