// The runs behind docs/experiments.md: trained where they are missing, evaluated, and read back.

import { existsSync } from "node:fs";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EpochRecord } from "../../shared/release/release.ts";
import { configOf } from "../../trainer/commands/train.ts";
import { RunError } from "../../trainer/errors.ts";
import { readEvaluation, type Split } from "../../trainer/evaluate/evaluation.ts";
import { kindOf } from "../../trainer/latent/kind.ts";
import { meaningfulConfig } from "../../trainer/train/config.ts";
import { replaceJson } from "../../trainer/train/replace-file.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, readConfig } from "../../trainer/train/run-folder.ts";
import { bestEpoch } from "../../trainer/train/schedule.ts";
import { runToEnd } from "../child.ts";

/** For the row of a run without an evaluation on the selected images. */
export const MISSING = "not evaluated";

export interface Experiment {
  readonly name: string;
  /** For `npm run train --`. */
  readonly options: string;
  /** In the table, instead of the options. */
  readonly title?: string;
  /** Further runs with these seeds; the row has the mean and standard deviation of all. */
  readonly seeds?: readonly string[];
  /** Importance samples per image for the bound. */
  readonly samples?: number | undefined;
  /** Files of another run of its seed that its own training would make again, to the bit; they are copied from there. */
  readonly shares?: { readonly run: string; readonly files: readonly string[] };
}

export type Run = Omit<Experiment, "seeds" | "title">;

/** An experiment's runs, one for each seed. */
export function runsOf({ name, options, seeds = [], samples, shares }: Experiment): Run[] {
  const more = seeds.map((seed) => ({
    name: `${name}-s${seed}`,
    options: `${options} --seed ${seed}`,
    samples,
    ...(shares && { shares: { ...shares, run: `${shares.run}-s${seed}` } }),
  }));
  return [{ name, options, samples, ...(shares && { shares }) }, ...more];
}

/** Trains and evaluates a run as far as that is not done. */
export async function complete(
  runs: string,
  { name, options, samples = 0, shares }: Run,
  { on, twoSample }: { readonly on: Split; readonly twoSample: boolean },
): Promise<void> {
  const folder = join(runs, name);
  if (shares && !existsSync(folder)) await share(join(runs, shares.run), shares.files, options, folder);
  const resume = existsSync(join(folder, CHECKPOINT_FILE)) ? ["--resume"] : [];
  await trainer("train", ...options.split(" "), "--out", folder, ...resume);
  const evaluation = await readEvaluation(folder);
  const history = await readHistory(folder);
  const isTested = evaluation?.realism?.some((figure) => figure.name.startsWith("Two-sample")) ?? false;
  const isPresent = evaluation?.epochs === history.length && evaluation.on === on;
  if (isPresent && (isTested || !twoSample)) return;
  await trainer(
    ...["evaluate", folder, "--on", on],
    ...(samples > 0 ? ["--samples", String(samples)] : []),
    ...(twoSample ? ["--two-sample"] : []),
  );
}

/** Begins a run with files of another. */
async function share(from: string, files: readonly string[], options: string, folder: string) {
  const missing = [...files, "history.json", "data.json"].find((file) => !existsSync(join(from, file)));
  if (missing !== undefined) throw new RunError(`${from} has no ${missing}; train it first`);
  const config = await configOf(options.split(" "), folder);
  await mkdir(join(folder, "epochs"), { recursive: true });
  await replaceJson(join(folder, CONFIG_FILE), meaningfulConfig(config, kindOf(config.spec)));
  for (const file of ["history.json", "data.json", ...files]) await cp(join(from, file), join(folder, file));
}

async function trainer(...args: string[]): Promise<void> {
  const main = fileURLToPath(new URL("../../trainer/main.ts", import.meta.url));
  await runToEnd(process.execPath, [...process.execArgv, main, ...args]);
}

/** A run's epochs; none before its first. */
export async function readHistory(folder: string): Promise<EpochRecord[]> {
  const path = join(folder, "history.json");
  return existsSync(path) ? JSON.parse(await readFile(path, "utf8")) : [];
}

export type Result = NonNullable<Awaited<ReturnType<typeof resultOf>>>;

/** What a run's evaluation on these images found; undefined without one. */
export async function resultOf(folder: string, on: Split) {
  const evaluation = await readEvaluation(folder);
  const metrics = evaluation?.quantized;
  if (!metrics || evaluation.on !== on) return undefined;
  const config = await readConfig(folder);
  const history = await readHistory(folder);
  /** The epoch whose weights the run ends with. */
  const kept = history[(bestEpoch(config, history) ?? history.length) - 1]!;
  return { epochs: history.length, kept, metrics, config };
}

/** Those of an experiment's seeds that are evaluated on these images. */
export async function resultsOf(runs: string, experiment: Experiment, on: Split): Promise<Result[]> {
  const results = await Promise.all(runsOf(experiment).map(({ name }) => resultOf(join(runs, name), on)));
  return results.filter((result) => result !== undefined);
}

/** Mean, and the standard deviation of several values; nothing where none is known. */
export function spread(known: readonly (number | undefined)[], digits: number, unit = ""): string {
  const values = known.filter((value) => value !== undefined);
  if (values.length === 0) return "";
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return mean.toFixed(digits) + unit;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(digits)} ± ${Math.sqrt(variance).toFixed(digits)}${unit}`;
}

export function inPercent(share: number | undefined): number | undefined {
  return share === undefined ? undefined : 100 * share;
}
