// The table of flow models in docs/experiments.md: one factor at a time about the preset's recipe.

import { join } from "node:path";
import { kindOf } from "../../shared/latent/kind.ts";
import { parameterCount, planDecoder, weightCount } from "../../shared/model/plan.ts";
import type { Figure, Split } from "../../trainer/evaluate/evaluation.ts";
import { grouped, percent } from "../../trainer/evaluate/figures.ts";
import { FLOW_DRAWS } from "../../trainer/latent/flow/evaluate.ts";
import { CHECKPOINT_FILE } from "../../trainer/train/run-folder.ts";
import { type Experiment, MISSING, resultOf } from "./runs.ts";

/** The run that the others differ from. */
export const BASE = "flow";
/** The same without its last stage. */
export const UNTUNED = "flow-untuned";
/** What the flow's size does not change. */
const BEFORE_FLOW = { run: BASE, files: [CHECKPOINT_FILE, "reader.bin"] };
const BEFORE_TUNING = { run: BASE, files: [CHECKPOINT_FILE, "flow.bin", "distillation.bin", "reader.bin"] };

export const flows: readonly Experiment[] = [
  { name: BASE, options: "--preset flow" },
  { name: UNTUNED, options: "--preset flow --fine-tuning-steps 0", shares: BEFORE_TUNING },
  { name: "flow-beta-low", options: "--preset flow --beta 0.05" },
  { name: "flow-beta-high", options: "--preset flow --beta 0.5" },
  { name: "flow-16", options: "--preset flow --latent 16" },
  { name: "flow-48", options: "--preset flow --latent 48" },
  { name: "flow-narrow", options: "--preset flow --flow-width 128", shares: BEFORE_FLOW },
  { name: "flow-shallow", options: "--preset flow --flow-blocks 1", shares: BEFORE_FLOW },
  { name: "flow-decoder-half", options: "--preset flow --decoder-width 0.5" },
  { name: "flow-decoder-more", options: "--preset flow --decoder-width 1.5" },
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
export async function flowRow(runs: string, { name, options }: Experiment, on: Split) {
  const title = `\`${options}\``;
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
