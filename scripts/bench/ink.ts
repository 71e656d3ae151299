// npm run bench:ink: what becomes of the bundled models' digits when they are enlarged, from their pixels and from their
// logits: how grey they are, and after shrinking to 28 pixels again how much they differ from the decoder's own pixels, and how
// many an independent classifier still recognises.

import { PLAIN_HAND } from "../../shared/image/ink/hand.ts";
import type { Digit, GreyImage } from "../../shared/image/raster.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { fromMemory, openRelease } from "../../shared/release/open.ts";
import { loadDecodeKernels } from "../../trainer/backend/decode-kernels.ts";
import { runCommand } from "../../trainer/commands/command-line.ts";
import { loadClassifier } from "../../trainer/evaluate/classifier/classifier.ts";
import { option, wholeNumber } from "../../trainer/options.ts";
import { formatTable } from "../tables.ts";
import { readReleases } from "./harness.ts";

const SIDE = 28;
/** Pixels to which digits are enlarged, for greys; and a multiple of the decoder's, for what they shrink to. */
const LARGE = 280;
const MIDDLE = 112;
/** Digits whose greys are counted. */
const COUNTED = 40;

await runCommand({
  name: "bench:ink",
  summary: "Measure digits enlarged from pixels and from logits.",
  examples: ["npm run bench:ink"],
  fields: { seeds: option(wholeNumber(COUNTED), "digits of each model", 1000) },
  run: async ({ values: { seeds } }) => {
    const { classify } = await loadClassifier();
    const rows = [];
    for (const { card, files } of await readReleases()) {
      const { latent, decoder, ink } = await openRelease(card, fromMemory(files), loadDecodeKernels());
      const requests = Array.from({ length: seeds }, (_, i) => ({ seed: String(i), digit: i % 10 }));
      const digits = decoder.images(latent.drawAll(requests).map((draw) => draw.latent));
      const enlarge = {
        pixels: (digit: Digit, size: number) => scaleImage(digit, size),
        logits: (digit: Digit, size: number) => ink.draw(digit, size, PLAIN_HAND),
      };
      for (const [from, draw] of Object.entries(enlarge)) {
        const shrunk = digits.map((digit) => shrink(draw(digit, MIDDLE)));
        const { digits: found } = classify(Float32Array.from(shrunk.flat(), (level) => level / 255));
        const recognised = found.filter((digit, i) => digit === i % 10).length / seeds;
        rows.push([
          card.name,
          from,
          greyShare(digits.slice(0, COUNTED).map((digit) => draw(digit, LARGE))).toFixed(2),
          (shrunk.reduce((sum, levels, i) => sum + difference(levels, digits[i]!), 0) / seeds).toFixed(2),
          `${(100 * recognised).toFixed(1)} %`,
        ]);
      }
    }
    const heads = ["model", "enlarged from", "grey pixels per full one", "difference, of 255", "recognised"];
    console.log(formatTable(heads, rows));
  },
});

/** Pixels from 10 to 90 % of full ink, per pixel of more. */
function greyShare(images: readonly GreyImage[]): number {
  const count = (from: number, to: number) =>
    images.reduce((sum, { pixels }) => sum + pixels.filter((level) => level >= from && level < to).length, 0);
  return count(26, 230) / count(230, 256);
}

/** Means of the squares of pixels that make one of 28 x 28. */
function shrink({ width, pixels }: GreyImage): number[] {
  const side = width / SIDE;
  const sums = new Array<number>(SIDE * SIDE).fill(0);
  pixels.forEach((level, i) => {
    const [x, y] = [Math.floor((i % width) / side), Math.floor(i / width / side)];
    sums[y * SIDE + x]! += level / (side * side);
  });
  return sums;
}

function difference(levels: readonly number[], { pixels }: GreyImage): number {
  return levels.reduce((sum, level, i) => sum + Math.abs(level - pixels[i]!), 0) / levels.length;
}
