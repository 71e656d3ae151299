// The real digits on the page's map: the first of each class among MNIST's test images, which no model has learned from.

import { encodePng } from "../../shared/image/png.ts";
import { tileImages } from "../../shared/image/sheet.ts";
import { CLASSES } from "../../shared/latent/classes.ts";
import { loadDataset, MNIST } from "../../trainer/data/dataset.ts";

/** Digits of each class. */
const COLUMNS = 30;

/** @returns a PNG file with a row of digits per class */
export async function testDigitSheet(): Promise<Uint8Array> {
  const { width, height, pixels, labels } = await loadDataset(MNIST, "t10k");
  const size = width * height;
  const rows = Array.from({ length: CLASSES }, (_, digit) =>
    Array.from(labels.keys())
      .filter((i) => labels[i] === digit)
      .slice(0, COLUMNS),
  );
  const images = rows
    .flat()
    .map((i) => ({ width, height, pixels: pixels.subarray(i * size, (i + 1) * size) }));
  return encodePng(tileImages(images, COLUMNS));
}
