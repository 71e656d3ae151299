// The table of objectives in docs/experiments.md: the same network, trained by each of them.

import { join } from "node:path";
import type { Split } from "../../trainer/evaluate/evaluation.ts";
import { FROM_NORMAL, figureOf, TRAINING_RECONSTRUCTIONS } from "../../trainer/evaluate/figures.ts";
import { kindOf } from "../../trainer/latent/kind.ts";
import { type Experiment, MISSING, readHistory, resultOf } from "./runs.ts";

/** Five epochs with a falling learning rate come near to what twenty give. */
const SAME = "--preset mlp --latent 16 --epochs 5 --learning-rate 0.002 --schedule cosine";
/** Importance samples, fewer than published figures have: an evaluation takes minutes even so. */
const SAMPLES = 50;

interface ObjectiveExperiment extends Experiment {
  /** Pythae's figure of the same name, with its own setting. */
  readonly published?: string;
}

const binarised = (name: string, objective: string, published?: string): ObjectiveExperiment => ({
  name: `objective-${name}`,
  options: `${SAME} --binarise --objective ${objective}`,
  ...(name !== "rae" && { samples: SAMPLES }),
  ...(published !== undefined && { published }),
});

export const objectives: readonly ObjectiveExperiment[] = [
  binarised("vae", "vae", "NLL 89.78 (200 samples)"),
  binarised("warmup", "vae --warmup 1"),
  binarised("free-bits", "vae --free-bits 0.5"),
  binarised("beta-vae", "beta-vae --beta 4"),
  binarised("beta-tcvae", "beta-tcvae --beta 4"),
  binarised("iwae", "iwae", "NLL 86.82 (50 samples in training, 5,000 for the figure)"),
  binarised("rae", "rae", "Inception FID 9.1 (RAE-L2)"),
  binarised("cvae", "cvae"),
  {
    name: "objective-continuous-bernoulli",
    options: `${SAME} --likelihood continuous-bernoulli`,
    samples: SAMPLES,
  },
];

export const objectiveTitles = (on: Split) => [
  "options",
  "training / validation",
  `${on} loss (reconstruction + KL)`,
  `NLL, ${SAMPLES} samples`,
  "active",
  "Fréchet: reconstructed training images",
  "N(0, I)",
  "by class",
  "`digit=`",
  "pythae",
];

/** The float model's losses from training, then figures of the quantized one. */
export async function objectiveRow(
  runs: string,
  { name, options, published = "" }: ObjectiveExperiment,
  on: Split,
): Promise<(string | number)[]> {
  const title = `\`${options.replace(`${SAME} `, "")}\``;
  const last = (await readHistory(join(runs, name))).at(-1);
  const trained = last ? `${last.training.total.toFixed(2)} / ${last.validation.total.toFixed(2)}` : "";
  const result = await resultOf(join(runs, name), on);
  const rest = Array<string>(objectiveTitles(on).length - 4).fill("");
  if (!result) return [title, trained, MISSING, ...rest, published];
  const { config, metrics } = result;
  const { loss, figures, draws } = metrics;
  const byClass = draws?.[kindOf(config.spec).report.byClass];
  const percentOf = (share: number | undefined) =>
    share === undefined ? "" : `${(100 * share).toFixed(1)} %`;
  return [
    title,
    trained,
    `${loss.total.toFixed(2)} (${loss.reconstruction.toFixed(1)} + ${loss.kl.toFixed(1)})`,
    figures.find((figure) => figure.name.startsWith("NLL"))?.text ?? "",
    figureOf(figures, "Active units")?.text ?? "",
    draws?.[TRAINING_RECONSTRUCTIONS]?.frechet.toFixed(2) ?? "",
    draws?.[FROM_NORMAL]?.frechet.toFixed(2) ?? "",
    byClass?.frechet.toFixed(2) ?? "",
    percentOf(byClass?.classAccuracy),
    published,
  ];
}
