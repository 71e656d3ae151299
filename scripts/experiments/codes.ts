// The table of models with codes in docs/experiments.md: the codebook, then the prior over its codes, and the temperature.

import { kindOf } from "../../shared/latent/kind.ts";
import { weightCount } from "../../shared/model/plan.ts";
import type { Split } from "../../trainer/evaluate/evaluation.ts";
import { figureOf, grouped, TRAINING_RECONSTRUCTIONS } from "../../trainer/evaluate/figures.ts";
import { CODES_BITS, drawsAt, TEMPERATURES } from "../../trainer/latent/codes/evaluate.ts";
import { CHECKPOINT_FILE } from "../../trainer/train/run-folder.ts";
import { type Experiment, inPercent, MISSING, type Result, resultsOf, spread } from "./runs.ts";

const SAME = "--preset vq --epochs 8 --learning-rate 0.002 --schedule cosine";
const BASE = "vq";

const variant = (name: string, options: string, more: Partial<Experiment> = {}): Experiment => ({
  name,
  options: `${SAME} ${options}`,
  title: options,
  ...more,
});
/** Of the same codes. */
const prior = (name: string, options: string, more: Partial<Experiment> = {}) =>
  variant(name, options, { shares: { run: BASE, files: [CHECKPOINT_FILE] }, ...more });
/** For choices between rows that lie closer together than one seed tells. */
const MORE_SEEDS = { seeds: ["1", "2"] };

export const codes: readonly Experiment[] = [
  variant(BASE, "--prior-epochs 6", MORE_SEEDS),
  variant("vq-16", "--prior-epochs 6 --codebook-size 16", MORE_SEEDS),
  variant("vq-128", "--prior-epochs 6 --codebook-size 128"),
  prior("vq-narrower", "--prior-epochs 6 --prior-width 16"),
  prior("vq-narrow", "--prior-epochs 6 --prior-width 32"),
  prior("vq-dropout", "--prior-epochs 14 --prior-dropout 0.1", MORE_SEEDS),
  prior("vq-long", "--prior-epochs 14", MORE_SEEDS),
];

export const codesTitles = [
  `\`${SAME}\``,
  "weights of codebook and prior",
  "bits given the digit",
  "Fréchet: reconstructed training images",
  ...TEMPERATURES.map((temperature) => `drawn at temperature ${temperature}: Fréchet, \`digit=\``),
];

/** Figures of the served weights: the mean of the seeds, and their standard deviation. */
export async function codesRow(runs: string, experiment: Experiment, on: Split) {
  const found = await resultsOf(runs, experiment, on);
  const [first] = found;
  const title = `\`${experiment.title}\`${found.length > 1 ? `, ${found.length} seeds` : ""}`;
  if (!first) return [title, MISSING, ...Array<string>(codesTitles.length - 2).fill("")];
  const cell = (digits: number, pick: (metrics: Result["metrics"]) => number | undefined, unit = "") =>
    spread(
      found.map(({ metrics }) => pick(metrics)),
      digits,
      unit,
    );
  const { spec } = first.config;
  return [
    title,
    grouped(weightCount(kindOf(spec).weights(spec))),
    cell(1, ({ figures }) => figureOf(figures, CODES_BITS)?.value),
    cell(3, ({ draws }) => draws?.[TRAINING_RECONSTRUCTIONS]?.frechet),
    ...TEMPERATURES.map((temperature) => {
      const name = drawsAt(temperature);
      const shown = [
        cell(3, ({ draws }) => draws?.[name]?.frechet),
        cell(1, ({ draws }) => inPercent(draws?.[name]?.classAccuracy), " %"),
      ];
      return shown.filter((text) => text !== "").join(", ");
    }),
  ];
}
