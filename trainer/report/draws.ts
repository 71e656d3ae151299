// Digits that a run draws: asked for by class, and left to the seed, as PNG.

import { tileImages } from "../../shared/image/layout.ts";
import { encodePng } from "../../shared/image/png.ts";
import type { LatentChoice } from "../../shared/latent/gaussian/sample.ts";
import type { ReportedRun } from "./reported-run.ts";

const COLUMNS = 10;
const ROWS = 10;

export interface DigitDraws {
  /** Classes that the model knows, one row each. */
  readonly digits: readonly number[];
  readonly png: Uint8Array;
}

/** A row per class; along a column the seed stays. */
export function drawDigits(run: ReportedRun): DigitDraws {
  const { digits } = run.sampler;
  return {
    digits,
    png: drawRows(
      run,
      digits.map((digit) => ({ digit })),
    ),
  };
}

/** As many from the prior: N(0, I), or the learned one of codes. */
export function drawPrior(run: ReportedRun): Uint8Array {
  return drawRows(
    run,
    Array.from({ length: ROWS }, () => ({ sampler: "prior" })),
  );
}

function drawRows({ decoder, sampler }: ReportedRun, rows: readonly LatentChoice[]): Uint8Array {
  const latents = rows.flatMap((choice, row) =>
    Array.from({ length: COLUMNS }, (_, column) => {
      const seed = choice.digit === undefined ? String(row * COLUMNS + column) : String(column);
      return sampler.draw(seed, choice).latent;
    }),
  );
  return encodePng(tileImages(decoder.images(latents), COLUMNS));
}
