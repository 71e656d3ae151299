// Digits that a run draws: asked for by its mixture, and from N(0, I), as PNG.

import { tileImages } from "../../shared/image/layout.ts";
import { encodePng } from "../../shared/image/png.ts";
import { drawLatent, type LatentChoice } from "../../shared/latent.ts";
import type { ReportedRun } from "./run.ts";

const COLUMNS = 10;
const ROWS = 10;

export interface DigitDraws {
  /** Classes that the mixture knows, one row each. */
  readonly digits: readonly number[];
  readonly png: Uint8Array;
}

/** A row per class; along a column the seed stays. */
export function drawDigits(run: ReportedRun): DigitDraws {
  const digits = run.mixture.classes.flatMap(({ components }, digit) =>
    components.length > 0 ? [digit] : [],
  );
  return {
    digits,
    png: drawRows(
      run,
      digits.map((digit) => ({ digit })),
    ),
  };
}

/** As many from N(0, I). */
export function drawPrior(run: ReportedRun): Uint8Array {
  return drawRows(
    run,
    Array.from({ length: ROWS }, () => ({ sampler: "prior" })),
  );
}

function drawRows({ decoder, config, mixture }: ReportedRun, rows: readonly LatentChoice[]): Uint8Array {
  const latents = rows.flatMap((choice, row) =>
    Array.from({ length: COLUMNS }, (_, column) => {
      const seed = choice.digit === undefined ? String(row * COLUMNS + column) : String(column);
      return drawLatent(seed, choice, config.spec.latentDim, mixture);
    }),
  );
  return encodePng(tileImages(decoder.images(latents), COLUMNS));
}
