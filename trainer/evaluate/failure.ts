// Names the failure of a trained model that any kind can have; each kind knows how its own latent collapses.

import type { Loss } from "../../shared/release/release.ts";

/**
 * Whether training diverged, in one sentence: a loss that is NaN, or worse than predicting 0.5 everywhere.
 * @param loss  on held-out images, nats per image
 * @param pixels  numbers per image
 * @param ofPixel  nats of a pixel at logit 0, whatever its level
 */
export function findDivergence({ total }: Loss, pixels: number, ofPixel = Math.LN2): string | undefined {
  const blank = pixels * ofPixel;
  if (Number.isFinite(total) && total <= blank) return undefined;
  return `divergence: the loss is ${total.toFixed(2)} nats an image; grey noise costs ${blank.toFixed(2)}`;
}
