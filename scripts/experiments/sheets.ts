// Contact sheets: ten digits of each class as a run draws them, beside as many real ones.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createDecoder } from "../../shared/decoder/decoder.ts";
import { encodePng } from "../../shared/image/png.ts";
import type { GreyImage } from "../../shared/image/raster.ts";
import { tileImages } from "../../shared/image/sheet.ts";
import { CLASSES } from "../../shared/latent/classes.ts";
import { loadDecodeKernels } from "../../trainer/backend/decode-kernels.ts";
import { type Dataset, gatherImages } from "../../trainer/data/dataset.ts";
import { kindOf } from "../../trainer/latent/kind.ts";
import { openRun } from "../../trainer/train/open-run.ts";

const EACH = 10;
const SIDE = 28;
const GAP: GreyImage = { width: SIDE, height: SIDE, pixels: new Uint8Array(SIDE * SIDE).fill(255) };

/** Writes the run's digits, seeds 0 to 9, to the left of a white column, and validation images to the right. */
export async function writeSheet(folder: string, path: string): Promise<void> {
  const run = await openRun(folder);
  const latent = await kindOf(run.config.spec).openFloat(run, undefined, () => {});
  const decoder = createDecoder(loadDecodeKernels(), run.config.spec, run.tensors);
  const rows = Array.from({ length: CLASSES }, (_, digit) => {
    const seeds = Array.from({ length: EACH }, (_, seed) => ({ seed: String(seed), digit }));
    const drawn = decoder.images(latent.drawAll(seeds).map((draw) => draw.latent));
    return [...drawn, GAP, ...realDigits(run.data, run.split.validation, digit)];
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, encodePng(tileImages(rows.flat(), 2 * EACH + 1)));
}

function realDigits(data: Dataset, among: Uint32Array, digit: number): GreyImage[] {
  const chosen = among.filter((index) => data.labels[index] === digit).subarray(0, EACH);
  return Array.from(chosen, (index) => {
    const levels = gatherImages(data, Uint32Array.of(index));
    return { width: SIDE, height: SIDE, pixels: Uint8Array.from(levels, (level) => Math.round(255 * level)) };
  });
}
