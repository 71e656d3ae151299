// The options that choose a generated data set: of npm run dataset, and of the published package's command.

import * as v from "valibot";
import { BALANCES, DEFAULT_SET } from "../../shared/dataset/plan.ts";
import { digitChoice, slantRange, weightRange } from "../../shared/dataset/values.ts";
import { type GeneratedSet, generateSet } from "../data/generate.ts";
import { flag, option, wholeNumber } from "../options.ts";
import { countDown, createTasks } from "../train/tasks.ts";
import type { Options } from "./command-line.ts";

/** Labels are held in memory. */
const MAX_COUNT = 100_000_000;

export const datasetFields = {
  count: option(wholeNumber(1, MAX_COUNT), "training images", 60_000),
  test: option(
    wholeNumber(1, MAX_COUNT),
    "test images (default: a sixth of the training images, as in MNIST)",
  ),
  seed: option(v.string(), "what the set is drawn from: any text; the same seed gives the same files", "0"),
  out: option(v.string(), "folder for the files", "data/digits"),
  gzip: flag("compress the files, whose names then end in .gz"),
  balance: option(
    v.picklist(BALANCES),
    "shares of the digits: those of MNIST, or equal ones",
    DEFAULT_SET.balance,
  ),
  digits: option(digitChoice, "which digits occur, such as 137 (default: all)"),
  temperature: option(
    v.pipe(v.number(), v.minValue(0), v.maxValue(2)),
    "variety, 0 to 2: 0 draws the most typical digits, 1 has the model's own variety",
    DEFAULT_SET.temperature,
  ),
  slant: option(
    slantRange,
    "degrees by which each image leans at random, such as --slant=-15..15 (default: 0)",
  ),
  weight: option(
    weightRange,
    "ink of each image at random, as a multiple of the model's, such as 0.8..1.3 (default: 1)",
  ),
};

/**
 * Draws and writes the set, and prints what it is.
 * @param folder  in place of `out`, for a trial
 */
export async function writeDataset(
  {
    count,
    test = Math.max(1, Math.round(count / 6)),
    out,
    gzip,
    ...rest
  }: Options<typeof datasetFields>["values"],
  model: GeneratedSet["model"],
  folder = out,
) {
  const { seed, balance, temperature, ...chosen } = rest;
  const { digits, slant, weight } = { ...DEFAULT_SET, ...definedOf(chosen) };
  const set: GeneratedSet = {
    options: { seed, balance, digits, temperature, slant, weight },
    sizes: { train: count, t10k: test },
    isCompressed: gzip,
    model,
  };
  const start = performance.now();
  const tasks = createTasks(process.stderr);
  const card = await generateSet(folder, set, countDown(tasks.show)).finally(tasks.stop);
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${out}: ${count} training and ${test} test images by ${model.name}@${model.version} from seed "${seed}" in ` +
      `${seconds.toFixed(1)} s`,
  );
  return card;
}

/** The fields that are not undefined. */
function definedOf<T extends object>(values: T) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
