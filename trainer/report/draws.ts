// Digits that a run's model generates, as PNG.

import type { Decoder } from "../../shared/decoder/decoder.ts";
import { encodePng } from "../../shared/image/png.ts";
import { tileImages } from "../../shared/image/sheet.ts";
import { planeLatents } from "../../shared/latent/walk.ts";
import type { ReportedRun } from "./reported-run.ts";

/** Digits per side of the grid. */
const SIDE = 10;
/** As in Kingma & Welling 2014, figure 4. */
const MANIFOLD_SIDE = 20;

/** A row for each class that the model knows; along a column the seed stays the same. */
export function drawDigits({ decoder, latent: source }: ReportedRun): Uint8Array {
  const latents = source.digits.flatMap((digit) =>
    Array.from({ length: SIDE }, (_, column) => source.draw(String(column), { digit }).latent),
  );
  return drawGrid(decoder, latents, SIDE);
}

/** As many from the prior: N(0, I), or the learned one of codes. */
export function drawPrior({ decoder, latent: source }: ReportedRun): Uint8Array {
  const latents = Array.from(
    { length: SIDE ** 2 },
    (_, i) => source.draw(String(i), { sampler: "prior" }).latent,
  );
  return drawGrid(decoder, latents, SIDE);
}

/** The latent plane of a model with two dimensions, at quantiles; z1 grows to the right and z2 upwards. */
export function drawManifold({ decoder, latent }: Pick<ReportedRun, "decoder" | "latent">): Uint8Array {
  return drawGrid(decoder, planeLatents(MANIFOLD_SIDE, latent.spread), MANIFOLD_SIDE);
}

function drawGrid(decoder: Decoder, latents: readonly Float32Array[], columns: number): Uint8Array {
  return encodePng(tileImages(decoder.images(latents), columns));
}
