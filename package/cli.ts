#!/usr/bin/env node
// npx edge-digits: a digit, a number, or a data set as files.

import { writeFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import * as v from "valibot";
import { ArgumentError } from "../shared/errors.ts";
import { type Command, defineCommand, runCommand, usageOf } from "../trainer/commands/command-line.ts";
import { datasetFields, writeDataset } from "../trainer/commands/dataset-options.ts";
import { EXIT_CODES, endWell } from "../trainer/commands/failures.ts";
import { UsageError } from "../trainer/errors.ts";
import { option } from "../trainer/options.ts";
import { draw, number, type Picture } from "./draw.ts";
import { openBundled } from "./release.ts";

const drawingFields = {
  seed: option(v.string(), "what is drawn: any text (default: the file's name without its ending)"),
  size: option(v.number(), "height in pixels, 28 to 512", 280),
  slant: option(v.number(), "lean to the right, whole degrees, such as --slant=-20"),
  weight: option(v.number(), "ink as a multiple of the model's own, 0.7 to 1.6"),
  temperature: option(v.number(), "variety, 0 to 2: 0 draws the most typical digits"),
  fg: option(v.string(), "colour of the ink, 3 or 6 hex digits (default: white)"),
  bg: option(v.string(), "colour of the ground, 3 or 6 hex digits, or transparent (default: black)"),
};

const drawCommand = defineCommand({
  name: "draw",
  call: "npx edge-digits draw",
  summary: "Draw a handwritten digit into a PNG or SVG file.",
  examples: [
    "npx edge-digits draw ada.png --digit 7 --size 280",
    "npx edge-digits draw odd.svg --temperature 2",
  ],
  fields: { digit: option(v.number(), "0 to 9 (default: the seed decides)"), ...drawingFields },
  positionals: ["FILE"],
  run: async ({ values }, [file]) => {
    const picture = await draw({ ...values, seed: values.seed ?? seedOf(file!) }).catch(refuse);
    await save(file!, picture, `a ${picture.digit}`);
  },
});

const numberCommand = defineCommand({
  name: "number",
  call: "npx edge-digits number",
  summary: "Write a number by hand into a PNG or SVG file.",
  examples: [
    "npx edge-digits number 2026 out.svg",
    "npx edge-digits number 007 bond.png --slant 15 --seed ada",
  ],
  fields: {
    ...drawingFields,
    spacing: option(v.number(), "space added between digits, -6 to 28, in 28ths of the height"),
  },
  positionals: ["DIGITS", "FILE"],
  run: async ({ values }, [digits, file]) => {
    const picture = await number(digits!, { ...values, seed: values.seed ?? seedOf(file!) }).catch(refuse);
    await save(file!, picture, digits!);
  },
});

const datasetCommand = defineCommand({
  name: "dataset",
  call: "npx edge-digits dataset",
  summary:
    "Draw a data set of handwritten digits, of any size, into IDX files that any reader of MNIST takes. Seed, model and " +
    "options decide every byte.",
  examples: [
    "npx edge-digits dataset --count 60000 --seed 7 --out data/mine",
    "npx edge-digits dataset --count 1000 --balance uniform --digits 17 --slant=-15..15 --weight 0.8..1.3",
  ],
  fields: datasetFields,
  run: async ({ values }) => {
    await writeDataset(values, await openBundled());
  },
});

const commands: Readonly<Record<string, Command>> = {
  draw: drawCommand,
  number: numberCommand,
  dataset: datasetCommand,
};

function seedOf(file: string): string {
  return basename(file, extname(file));
}

/** All arguments of the library come from the command line. @throws UsageError */
function refuse(error: unknown): never {
  throw error instanceof ArgumentError ? new UsageError(error.message, { cause: error }) : error;
}

async function save(file: string, picture: Picture, what: string): Promise<void> {
  const format = extname(file);
  if (format !== ".png" && format !== ".svg") {
    throw new UsageError(`expected a file that ends in .png or .svg, found "${file}"`);
  }
  await writeFile(file, format === ".png" ? picture.png() : picture.svg());
  console.log(`${file}: ${what} by ${picture.model} from seed "${picture.seed}"`);
}

const [name = "--help", ...args] = process.argv.slice(2);
if (Object.hasOwn(commands, name)) {
  await runCommand(commands[name]!, args);
} else {
  await endWell(async () => {
    const list = Object.values(commands).map((each) => `  ${usageOf(each)}\n      ${each.summary}`);
    console.log(`Commands:\n${list.join("\n")}\n\nEach has --help. Exit codes: ${EXIT_CODES}`);
    if (name !== "--help") throw new UsageError(`unknown command "${name}"`);
  });
}
