// The table of models with codes in docs/experiments.md: the codebook, then the prior over its codes, and the temperature.

import { join } from "node:path";
import { kindOf } from "../../shared/latent/kind.ts";
import { weightCount } from "../../shared/model/plan.ts";
import type { Split } from "../../trainer/evaluate/evaluation.ts";
import { figureOf, grouped, percent, TRAINING_RECONSTRUCTIONS } from "../../trainer/evaluate/figures.ts";
import { CODES_BITS, drawsAt, TEMPERATURES } from "../../trainer/latent/codes/evaluate.ts";
import { CHECKPOINT_FILE } from "../../trainer/train/run-folder.ts";
import { type Experiment, MISSING, resultOf } from "./runs.ts";

const SAME = "--preset vq --epochs 8 --learning-rate 0.002 --schedule cosine";
const BASE = "vq";

const variant = (name: string, options: string, shares?: Experiment["shares"]): Experiment => ({
  name,
  options: `${SAME} ${options}`,
  title: options,
  ...(shares && { shares }),
});
/** Of the same codes. */
const prior = (name: string, options: string) =>
  variant(name, options, { run: BASE, files: [CHECKPOINT_FILE] });

export const codes: readonly Experiment[] = [
  variant(BASE, "--prior-epochs 6"),
  variant("vq-16", "--prior-epochs 6 --codebook-size 16"),
  variant("vq-128", "--prior-epochs 6 --codebook-size 128"),
  prior("vq-narrower", "--prior-epochs 6 --prior-width 16"),
  prior("vq-narrow", "--prior-epochs 6 --prior-width 32"),
  prior("vq-dropout", "--prior-epochs 14 --prior-dropout 0.1"),
  prior("vq-long", "--prior-epochs 14"),
];

export const codesTitles = [
  `\`${SAME}\``,
  "weights of codebook and prior",
  "bits given the digit",
  "Fréchet: reconstructed training images",
  ...TEMPERATURES.map((temperature) => `drawn at temperature ${temperature}: Fréchet, \`digit=\``),
];

/** Figures of the served weights. */
export async function codesRow(runs: string, { name, title = "" }: Experiment, on: Split) {
  const result = await resultOf(join(runs, name), on);
  if (!result) return [`\`${title}\``, MISSING, ...Array<string>(codesTitles.length - 2).fill("")];
  const { spec } = result.config;
  const { figures, draws = {} } = result.metrics;
  return [
    `\`${title}\``,
    grouped(weightCount(kindOf(spec).weights(spec))),
    figureOf(figures, CODES_BITS)?.text ?? "",
    draws[TRAINING_RECONSTRUCTIONS]?.frechet.toFixed(3) ?? "",
    ...TEMPERATURES.map((temperature) => {
      const drawn = draws[drawsAt(temperature)];
      if (!drawn) return "";
      return `${drawn.frechet.toFixed(3)}, ${percent(drawn.classAccuracy ?? Number.NaN)}`;
    }),
  ];
}
