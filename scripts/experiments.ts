// npm run experiments: trains and evaluates every row of docs/experiments.md that is missing, and writes its table. An
// interrupted run continues; all of them take hours, so --only selects a few.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { EpochRecord } from "../shared/release/release.ts";
import { runCommand } from "../trainer/commands/command-line.ts";
import { RunError, UsageError } from "../trainer/errors.ts";
import { readEvaluation, SPLITS, type Split } from "../trainer/evaluate/evaluation.ts";
import { FROM_NORMAL, figureOf, TRAINING_RECONSTRUCTIONS } from "../trainer/evaluate/figures.ts";
import { KNN_ACCURACY, MIXTURE } from "../trainer/latent/gaussian/evaluate.ts";
import { flag, option } from "../trainer/options.ts";
import { readConfig } from "../trainer/train/run-folder.ts";
import { bestEpoch } from "../trainer/train/schedule.ts";
import { formatTable, writeTable } from "./tables.ts";

const PAGE = "docs/experiments.md";
/** For the row of a run without an evaluation on the selected images. */
const MISSING = "not evaluated";

interface Experiment {
  readonly name: string;
  /** For `npm run train --`. */
  readonly options: string;
  /** Further runs with these seeds; the row has the mean and standard deviation of all. */
  readonly seeds?: readonly string[];
  /** Importance samples per image for the bound. */
  readonly samples?: number | undefined;
}

const EXPERIMENTS: readonly Experiment[] = [
  { name: "mlp", options: "--preset mlp", seeds: ["1", "2"] },
  { name: "cnn", options: "--preset cnn", seeds: ["1", "2"] },
  { name: "mlp-plan", options: "--preset mlp --latent 16 --hidden 512 --epochs 40" },
  { name: "cnn-40", options: "--preset cnn --epochs 40" },
  { name: "mlp-8", options: "--preset mlp --latent 8" },
  { name: "mlp-16", options: "--preset mlp --latent 16" },
  { name: "mlp-32", options: "--preset mlp --latent 32" },
  { name: "cnn-8", options: "--preset cnn --latent 8" },
  { name: "mlp-deep", options: "--preset mlp-deep" },
  { name: "cnn-deep", options: "--preset cnn-deep" },
  { name: "mlp-dropout", options: "--preset mlp --latent 16 --dropout 0.2" },
  { name: "mlp-patience", options: "--preset mlp --latent 16 --hidden 512 --epochs 100 --patience 5" },
  { name: "mlp-warmup", options: "--preset mlp --warmup 10" },
  { name: "cnn-beta4", options: "--preset cnn --beta 4" },
  { name: "cnn-augment", options: "--preset cnn --augment" },
  { name: "cnn-binarise", options: "--preset cnn --binarise", samples: 200 },
];

await runCommand({
  name: "experiments",
  summary: `Train and evaluate the missing experiments of ${PAGE}, and write its table.`,
  examples: [
    "npm run experiments -- --only mlp,mlp-8",
    "npm run experiments -- --table",
    "npm run experiments -- --on test",
  ],
  fields: {
    on: option(
      v.picklist(SPLITS),
      "images that the runs are evaluated on: validation for making choices, test for published figures",
      "validation",
    ),
    only: option(v.string(), `comma-separated names, of ${EXPERIMENTS.map(({ name }) => name).join(", ")}`),
    runs: option(v.string(), "folder of the run folders", "runs"),
    table: flag("only write the table of the present runs"),
  },
  run: async ({ values: { on, only, runs, table } }) => {
    const known = EXPERIMENTS.map(({ name }) => name);
    const names = only?.split(",") ?? known;
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined)
      throw new UsageError(`unknown experiment "${unknown}"; the experiments are ${known.join(", ")}`);
    const chosen = EXPERIMENTS.filter(({ name }) => names.includes(name));
    for (const run of table ? [] : chosen.flatMap(runsOf)) await complete(runs, run, on);
    const rows = await Promise.all(EXPERIMENTS.map((experiment) => rowOf(runs, experiment, on)));
    const titles = [
      "`npm run train --`",
      "epochs",
      "training / validation",
      `${on} loss (reconstruction + KL)`,
      "active",
      "k-NN",
      "Fréchet: reconstructed training images",
      "N(0, I)",
      "mixture",
      "`digit=`",
    ];
    await writeTable(PAGE, "experiments", formatTable(titles, rows));
    const filled = rows.filter((row) => !row.includes(MISSING)).length;
    console.log(`${PAGE} has ${filled} of ${rows.length} rows, on ${on} images`);
  },
});

type Run = Pick<Experiment, "name" | "options" | "samples">;

function runsOf({ name, options, seeds = [], samples }: Experiment): Run[] {
  const more = seeds.map((seed) => ({
    name: `${name}-s${seed}`,
    options: `${options} --seed ${seed}`,
    samples,
  }));
  return [{ name, options, samples }, ...more];
}

async function complete(runs: string, { name, options, samples = 0 }: Run, on: Split): Promise<void> {
  const folder = join(runs, name);
  const resume = existsSync(join(folder, "checkpoint.bin")) ? ["--resume"] : [];
  trainer("train", ...options.split(" "), "--out", folder, ...resume);
  const evaluation = await readEvaluation(folder);
  const history = await readHistory(folder);
  if (evaluation?.epochs === history.length && evaluation.on === on) return;
  trainer("evaluate", folder, "--on", on, "--samples", String(samples));
}

function trainer(...args: string[]): void {
  const main = fileURLToPath(new URL("../trainer/main.ts", import.meta.url));
  const { status, signal, error } = spawnSync(process.execPath, [...process.execArgv, main, ...args], {
    stdio: "inherit",
  });
  if (error) throw error;
  const end = signal ? `was killed by ${signal}` : `failed with exit code ${status}`;
  if (status !== 0) throw new RunError(`"${args.join(" ")}" ${end}`);
}

async function readHistory(folder: string): Promise<EpochRecord[]> {
  return JSON.parse(await readFile(join(folder, "history.json"), "utf8"));
}

/** Figures of the quantized model, which is the served one; those of the float model are in the run's report. */
async function rowOf(runs: string, experiment: Experiment, on: Split): Promise<(string | number)[]> {
  const results = await Promise.all(runsOf(experiment).map(({ name }) => resultOf(join(runs, name), on)));
  const found = results.filter((result) => result !== undefined);
  const [first] = found;
  const title = `\`${experiment.options}\`${experiment.seeds ? `, ${found.length} seeds` : ""}`;
  if (!first) return [title, MISSING, ...Array<string>(8).fill("")];
  const cell = (digits: number, pick: (result: Result) => number | undefined, unit = "") => {
    const values = found.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? "" : `${spread(values, digits)}${unit}`;
  };
  const nll = first.metrics.figures.find(({ name }) => name.startsWith("NLL"));
  return [
    title,
    first.kept.epoch === first.epochs ? first.epochs : `${first.kept.epoch} of ${first.epochs}`,
    `${cell(2, ({ kept }) => kept.training.total)} / ${cell(2, ({ kept }) => kept.validation.total)}`,
    `${cell(2, ({ metrics }) => metrics.loss.total)} (${cell(1, ({ metrics }) => metrics.loss.reconstruction)} + ${cell(1, ({ metrics }) => metrics.loss.kl)})${nll ? `; ${nll.name}: ${nll.text}` : ""}`,
    figureOf(first.metrics.figures, "Active units")?.text ?? "",
    cell(1, ({ metrics }) => share(figureOf(metrics.figures, KNN_ACCURACY)?.value), " %"),
    cell(2, ({ metrics }) => metrics.draws?.[TRAINING_RECONSTRUCTIONS]?.frechet),
    cell(2, ({ metrics }) => metrics.draws?.[FROM_NORMAL]?.frechet),
    cell(2, ({ metrics }) => metrics.draws?.[MIXTURE]?.frechet),
    cell(1, ({ metrics }) => share(metrics.draws?.[MIXTURE]?.classAccuracy), " %"),
  ];
}

function share(value: number | undefined): number | undefined {
  return value && 100 * value;
}

type Result = NonNullable<Awaited<ReturnType<typeof resultOf>>>;

async function resultOf(folder: string, on: Split) {
  const evaluation = await readEvaluation(folder);
  const metrics = evaluation?.quantized;
  if (!metrics || evaluation.on !== on) return undefined;
  const config = await readConfig(folder);
  const history = await readHistory(folder);
  /** The epoch whose weights the run ends with. */
  const kept = history[(bestEpoch(config, history) ?? history.length) - 1]!;
  return { epochs: history.length, kept, metrics };
}

/** Mean, and the standard deviation of several values. */
function spread(values: readonly number[], digits: number): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return mean.toFixed(digits);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(digits)} ± ${Math.sqrt(variance).toFixed(digits)}`;
}
