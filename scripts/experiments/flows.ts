// The table of flow models in docs/experiments.md: one factor at a time about the preset's recipe.

import { join } from "node:path";
import { kindOf } from "../../shared/latent/kind.ts";
import { parameterCount, planDecoder, weightCount } from "../../shared/model/plan.ts";
import type { Figure, Split } from "../../trainer/evaluate/evaluation.ts";
import { grouped, percent } from "../../trainer/evaluate/figures.ts";
import { FLOW_DRAWS } from "../../trainer/latent/flow/evaluate.ts";
import { CHECKPOINT_FILE } from "../../trainer/train/run-folder.ts";
import { type Experiment, MISSING, resultOf } from "./runs.ts";

/** The recipe that ships. */
export const BASE = "flow";
/** The same without noise, and without its last stage. */
const PLAIN = "flow-plain";
export const UNTUNED = "flow-untuned";
/** The run that those below it differ from. */
const SHORT = "flow-short";
const PLAIN_RECIPE = "--noise-planes 0 --fine-tuning-learning-rate 2e-4";
const WITHOUT_NOISE = `${PLAIN_RECIPE} --fine-tuning-steps 4000`;
/** Of the runs that differ in one factor: half of the steps of the flow and its distillation, a quarter of the tuning. */
const LENGTHS = "--flow-steps 6000 --distillation-steps 8000 --fine-tuning-steps 1000";
const FIRST = [CHECKPOINT_FILE, "reader.bin"];
const UNTIL_TUNING = [...FIRST, "flow.bin", "distillation.bin"];

/** What a run that differs in one factor only repeats is copied. */
const variant = (name: string, option: string, shares?: Experiment["shares"]): Experiment => ({
  name,
  options: `--preset flow ${PLAIN_RECIPE} ${LENGTHS} ${option}`,
  title: option,
  ...(shares && { shares }),
});

export const flows: readonly Experiment[] = [
  { name: BASE, options: "--preset flow", title: "the recipe that ships" },
  { name: PLAIN, options: `--preset flow ${WITHOUT_NOISE}`, title: WITHOUT_NOISE },
  {
    name: UNTUNED,
    options: `--preset flow ${PLAIN_RECIPE} --fine-tuning-steps 0`,
    title: "--fine-tuning-steps 0",
    shares: { run: PLAIN, files: UNTIL_TUNING },
  },
  {
    name: SHORT,
    options: `--preset flow ${PLAIN_RECIPE} ${LENGTHS}`,
    title: LENGTHS,
    shares: { run: PLAIN, files: FIRST },
  },
  variant("flow-beta-low", "--beta 0.05"),
  variant("flow-beta-high", "--beta 1"),
  variant("flow-16", "--latent 16"),
  variant("flow-48", "--latent 48"),
  variant("flow-narrow", "--flow-width 128", { run: SHORT, files: FIRST }),
  variant("flow-decoder-half", "--decoder-width 0.5"),
];

/** Of realism's figures, in the order of the table: the beginning of each name, and its title. */
const REALISM = [
  ["Pixels at levels 1", "levels 1 to 4"],
  ["Pixels at level 250", "250 or above"],
  ["Distance from the nearest", "nearest training image"],
  ["Two-sample test, small, grey", "two-sample: small, grey"],
  ["Two-sample test, small, thresholded", "small, thresholded"],
  ["Two-sample test, strict, grey", "strict, grey"],
] as const;

export const flowTitles = [
  "`npm run train --`",
  "weights: decoder + flow",
  "Fréchet",
  "precision",
  "recall",
  "sharpness",
  "`digit=`",
  "walks",
  ...REALISM.map(([, title]) => title),
];

/** Figures of the served weights. */
export async function flowRow(
  runs: string,
  { name, options, title: named = options }: Experiment,
  on: Split,
) {
  const title = named.startsWith("--") ? `\`${named}\`` : named;
  const result = await resultOf(join(runs, name), on);
  const drawn = result?.metrics.draws?.[FLOW_DRAWS];
  if (!result || !drawn) return [title, MISSING, ...Array<string>(flowTitles.length - 2).fill("")];
  const { spec } = result.config;
  const { figures, realism = [] } = result.metrics;
  const text = (of: readonly Figure[], start: string) =>
    of.find((figure) => figure.name.startsWith(start))?.text ?? "";
  return [
    title,
    `${grouped(parameterCount(planDecoder(spec)))} + ${grouped(weightCount(kindOf(spec).weights(spec)))}`,
    drawn.frechet.toFixed(3),
    drawn.precision.toFixed(3),
    drawn.recall.toFixed(3),
    drawn.sharpness.toFixed(2),
    drawn.classAccuracy === undefined ? "" : percent(drawn.classAccuracy),
    text(figures, "Frames of").split(" ")[0]!,
    ...REALISM.map(([start]) => text(realism, start)),
  ];
}
