// npm run bench:uploads: which digits /encode recognises in distorted pictures of MNIST's test images, by the same code: a
// PNG is read, fitted, encoded by a bundled model, and its latent read. Writes the table of docs/api.md.

import { encode as encodePng } from "fast-png";
import * as v from "valibot";
import { createGenerator } from "../../shared/arithmetic/random.ts";
import { EdgeDigitsError } from "../../shared/errors.ts";
import { fitDigit } from "../../shared/image/fit/fit-digit.ts";
import type { GreyImage, RgbaImage } from "../../shared/image/raster.ts";
import { fromMemory, openEncoder, openLatent } from "../../shared/release/open.ts";
import { loadDecodeKernels } from "../../trainer/backend/decode-kernels.ts";
import { runCommand } from "../../trainer/commands/command-line.ts";
import { dataSource, loadDataset } from "../../trainer/data/dataset.ts";
import { UsageError } from "../../trainer/errors.ts";
import { flag, option, wholeNumber } from "../../trainer/options.ts";
import { readPng } from "../../worker/upload/read-png.ts";
import { loadZlib } from "../../worker/upload/zlib.ts";
import { formatTable, writeTable } from "../tables.ts";
import { DISTORTIONS, renderScene } from "./distortions.ts";
import { readBundled } from "./harness.ts";

const PAGE = "docs/api.md";
/** Odd, so that MNIST's two sources, which alternate, have equal shares. */
const STRIDE = 19;

await runCommand({
  name: "bench:uploads",
  summary: `Measure how well distorted pictures of digits are recognised, and write the table of ${PAGE}.`,
  examples: ["npm run bench:uploads", "npm run bench:uploads -- --images 100 --print"],
  fields: {
    images: option(wholeNumber(1, 526), "test images, 1 to 526", 500),
    model: option(v.string(), "bundled model with a mixture or a flow", "digits"),
    only: option(v.string(), "only rows whose names contain this text"),
    print: flag("print the table, write nothing"),
  },
  run: async ({ values: { images, model, only = "", print } }) => {
    const recognise = await loadRecogniser(model);
    const { pixels, labels } = await loadDataset(dataSource("mnist"), "t10k");
    const rows: string[][] = [];
    for (const [name, change] of DISTORTIONS.filter(([row]) => row.includes(only))) {
      const counts = { right: 0, wrong: 0, certain: 0, refused: 0 };
      for (let i = 0; i < images; i++) {
        const at = i * STRIDE;
        const digit = { width: 28, height: 28, pixels: pixels.subarray(at * 784, (at + 1) * 784) };
        const picture = change ? renderScene(digit, change, createGenerator(`${name}/${at}`)) : asRgba(digit);
        const found = await recognise(picture);
        counts[!found ? "refused" : found.digit === labels[at] ? "right" : "wrong"]++;
        if (found && found.digit !== labels[at] && found.probability >= 0.99) counts.certain++;
      }
      rows.push([name, ...Object.values(counts).map((count) => `${((100 * count) / images).toFixed(1)} %`)]);
      console.log(rows.at(-1)!.join(" | "));
    }
    const titles = ["picture", "right", "wrong", "wrong by 99 %", "refused"];
    if (!print) await writeTable(PAGE, "bench:uploads", formatTable(titles, rows));
  },
});

/** @returns the most likely digit of a picture; undefined if the picture is refused */
async function loadRecogniser(name: string) {
  const { card, files } = await readBundled(name);
  const latent = await openLatent(card, fromMemory(files), loadDecodeKernels);
  if (!latent.readDigit) throw new UsageError(`${name} reads no digits: it has neither mixture nor flow`);
  const { encode } = await openEncoder(card, fromMemory(files), loadDecodeKernels());
  const zlib = await loadZlib();
  return async ({ width, height, pixels }: RgbaImage) => {
    const image = { width, height, data: Uint8Array.from(pixels), channels: 4, depth: 8 } as const;
    const png = encodePng(image, { zlib: { level: 0 } });
    try {
      const fitted = fitDigit(await readPng(png, zlib)).image;
      const output = encode(Float32Array.from(fitted.pixels, (level) => level / 255));
      const shares = latent.readDigit!(latent.encode(output).latent);
      const probability = Math.max(...shares);
      return { digit: shares.indexOf(probability), probability };
    } catch (error) {
      if (error instanceof EdgeDigitsError) return undefined;
      throw error;
    }
  };
}

function asRgba({ width, height, pixels }: GreyImage): RgbaImage {
  const rgba = Uint8Array.from({ length: 4 * pixels.length }, (_, i) =>
    i % 4 === 3 ? 255 : pixels[i >> 2]!,
  );
  return { width, height, pixels: rgba };
}
