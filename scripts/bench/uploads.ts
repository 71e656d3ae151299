// npm run bench:uploads: which digits /encode sees in distorted pictures of MNIST's test images, through the code that it
// runs: a PNG is read, fitted, encoded by a bundled model, and judged by its mixture. Writes the table of docs/api.md.

import { readFile, writeFile } from "node:fs/promises";
import { encode as encodePng } from "fast-png";
import * as v from "valibot";
import { createGenerator } from "../../shared/arithmetic/random.ts";
import { EdgeDigitsError } from "../../shared/errors.ts";
import { fitDigit } from "../../shared/image/fit/fit-digit.ts";
import type { GreyImage, RgbaImage } from "../../shared/image/raster.ts";
import { classProbabilities } from "../../shared/latent/gaussian/mixture-density.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import { fromMemory, openEncoder, readMixture } from "../../shared/release/open.ts";
import { loadDecodeKernels } from "../../trainer/backend/decode-kernels.ts";
import { defineCommand, runCommand } from "../../trainer/commands/command-line.ts";
import { dataSource, loadDataset } from "../../trainer/data/dataset.ts";
import { RunError, UsageError } from "../../trainer/errors.ts";
import { flag, option, wholeNumber } from "../../trainer/options.ts";
import { listReleaseFolders, readReleaseFolder } from "../../trainer/publish/publish.ts";
import { readPng } from "../../worker/upload/read-png.ts";
import { loadZlib } from "../../worker/upload/zlib.ts";
import { DISTORTIONS, renderScene } from "./distortions.ts";

const PAGE = "docs/api.md";
const [START, END] = ["<!-- table: npm run bench:uploads -->", "<!-- end of table -->"];
/** Odd, so that both of MNIST's sources, which take turns, have their share. */
const STRIDE = 19;

const uploadsCommand = defineCommand({
  name: "bench:uploads",
  summary: `Measure how distorted pictures of digits are read, and write the table of ${PAGE}.`,
  examples: ["npm run bench:uploads", "npm run bench:uploads -- --images 100 --print"],
  fields: {
    images: option(wholeNumber(1, 526), "test images, 1 to 526", 500),
    model: option(v.string(), "bundled model with a mixture", "digits"),
    only: option(v.string(), "rows whose names hold this text", ""),
    print: flag("print the table, write nothing"),
  },
  run: async ({ values: { images, model, only, print } }) => {
    const recognise = await loadRecogniser(model);
    const { pixels, labels } = await loadDataset(dataSource("mnist"), "t10k");
    const rows = ["| picture | right | wrong | wrong by 99 % | refused |", "| --- | --- | --- | --- | --- |"];
    const percent = (count: number) => `${((100 * count) / images).toFixed(1)} %`;
    for (const [name, change] of DISTORTIONS.filter(([row]) => row.includes(only))) {
      let [right, wrong, certain, refused] = [0, 0, 0, 0];
      for (let i = 0; i < images; i++) {
        const at = i * STRIDE;
        const digit = { width: 28, height: 28, pixels: pixels.subarray(at * 784, (at + 1) * 784) };
        const picture = change ? renderScene(digit, change, createGenerator(`${name}/${at}`)) : asRgba(digit);
        const found = await recognise(picture);
        if (!found) refused++;
        else if (found.digit === labels[at]) right++;
        else {
          wrong++;
          if (found.probability >= 0.99) certain++;
        }
      }
      rows.push(`| ${name} | ${[right, wrong, certain, refused].map(percent).join(" | ")} |`);
      console.log(rows.at(-1));
    }
    if (!print) await writeTable(rows);
  },
});

interface Recognised {
  readonly digit: number;
  readonly probability: number;
}

async function loadRecogniser(
  name: string,
): Promise<(picture: RgbaImage) => Promise<Recognised | undefined>> {
  const releases = await Promise.all((await listReleaseFolders("models")).map(readReleaseFolder));
  const release = releases.find(({ card }) => card.name === name);
  if (!release) throw new UsageError(`no bundled model "${name}"`);
  const { card, files } = release;
  const mixture = await readMixture(card, fromMemory(files));
  if (!mixture) throw new UsageError(`${name} has no mixture`);
  const { encode } = await openEncoder(card, fromMemory(files), loadDecodeKernels());
  const zlib = await loadZlib();
  return async ({ width, height, pixels }) => {
    const image = { width, height, data: Uint8Array.from(pixels), channels: 4, depth: 8 } as const;
    const png = encodePng(image, { zlib: { level: 0 } });
    try {
      const fitted = fitDigit(await readPng(png, zlib)).image;
      const output = encode(Float32Array.from(fitted.pixels, (level) => level / 255));
      const shares = classProbabilities(mixture, output.slice(0, latentDim(card.spec)));
      const probability = Math.max(...shares);
      return { digit: shares.indexOf(probability), probability };
    } catch (error) {
      if (error instanceof EdgeDigitsError) return undefined;
      throw error;
    }
  };
}

function asRgba({ width, height, pixels }: GreyImage): RgbaImage {
  return {
    width,
    height,
    pixels: Uint8Array.from({ length: 4 * pixels.length }, (_, i) => (i % 4 === 3 ? 255 : pixels[i >> 2]!)),
  };
}

async function writeTable(rows: readonly string[]): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start < 0 || end < start) throw new RunError(`${PAGE} lacks the lines ${START} and ${END}`);
  await writeFile(
    PAGE,
    page.slice(0, start) + [START, "", ...rows, "", END].join("\n") + page.slice(end + END.length),
  );
}

await runCommand(uploadsCommand, process.argv.slice(2));
