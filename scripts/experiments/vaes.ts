// The first table of docs/experiments.md: VAEs with a Gaussian latent.

import type { Split } from "../../trainer/evaluate/evaluation.ts";
import { FROM_NORMAL, figureOf, TRAINING_RECONSTRUCTIONS } from "../../trainer/evaluate/figures.ts";
import { KNN_ACCURACY, MIXTURE } from "../../trainer/latent/gaussian/evaluate.ts";
import { type Experiment, inPercent, MISSING, type Result, resultsOf, spread } from "./runs.ts";

export const vaes: readonly Experiment[] = [
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

export const vaeTitles = (on: Split) => [
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

/** Figures of the quantized model, which is the served one; those of the float model are in the run's report. */
export async function vaeRow(runs: string, experiment: Experiment, on: Split): Promise<(string | number)[]> {
  const found = await resultsOf(runs, experiment, on);
  const [first] = found;
  const title = `\`${experiment.options}\`${experiment.seeds ? `, ${found.length} seeds` : ""}`;
  if (!first) return [title, MISSING, ...Array<string>(8).fill("")];
  const cell = (digits: number, pick: (result: Result) => number | undefined, unit = "") =>
    spread(found.map(pick), digits, unit);
  const nll = first.metrics.figures.find(({ name }) => name.startsWith("NLL"));
  return [
    title,
    first.kept.epoch === first.epochs ? first.epochs : `${first.kept.epoch} of ${first.epochs}`,
    `${cell(2, ({ kept }) => kept.training.total)} / ${cell(2, ({ kept }) => kept.validation.total)}`,
    `${cell(2, ({ metrics }) => metrics.loss.total)} (${cell(1, ({ metrics }) => metrics.loss.reconstruction)} + ${cell(1, ({ metrics }) => metrics.loss.kl)})${nll ? `; ${nll.name}: ${nll.text}` : ""}`,
    figureOf(first.metrics.figures, "Active units")?.text ?? "",
    cell(1, ({ metrics }) => inPercent(figureOf(metrics.figures, KNN_ACCURACY)?.value), " %"),
    cell(2, ({ metrics }) => metrics.draws?.[TRAINING_RECONSTRUCTIONS]?.frechet),
    cell(2, ({ metrics }) => metrics.draws?.[FROM_NORMAL]?.frechet),
    cell(2, ({ metrics }) => metrics.draws?.[MIXTURE]?.frechet),
    cell(1, ({ metrics }) => inPercent(metrics.draws?.[MIXTURE]?.classAccuracy), " %"),
  ];
}
