// Points of the curve of rate and distortion: of runs that the report is about, and of others, of which only losses are read.

import { basename, join } from "node:path";
import type { Loss } from "../../shared/release/release.ts";
import { RunError } from "../errors.ts";
import { readEvaluation } from "../evaluate/evaluation.ts";
import { kindOf } from "../latent/kind.ts";
import { readCheckpoint } from "../train/checkpoint.ts";
import { meaningfulConfig, type TrainingConfig } from "../train/config.ts";
import { CHECKPOINT_FILE, readConfig } from "../train/run-folder.ts";
import { bestEpoch } from "../train/schedule.ts";
import { metricsOf } from "./comparison.ts";
import type { RateDistortion } from "./figures/rate-distortion.ts";
import type { ReportedRun } from "./reported-run.ts";

export function pointOf({ name, config, validation, anatomy: { learned } }: ReportedRun): RateDistortion {
  return toPoint(name, config, validation, learned);
}

/**
 * The point of a run by its validation losses and, where it was evaluated on validation images, by its learned prior.
 * @throws RunError where the folder is not a run, or one of its files is damaged
 */
export async function readPoint(folder: string): Promise<RateDistortion> {
  const config = await readConfig(folder);
  const { history } = await readCheckpoint(join(folder, CHECKPOINT_FILE));
  const final = history[(bestEpoch(config, history) ?? history.length) - 1];
  if (!final) throw new RunError(`${folder} has no finished epoch; train it first`);
  const evaluation = await readEvaluation(folder);
  const isPresent = evaluation?.epochs === history.length && evaluation.on === "validation";
  const { learnedPrior } = kindOf(config.spec).report;
  const rate = isPresent ? learnedPrior?.rate(metricsOf(evaluation).figures) : undefined;
  const learned = rate === undefined ? undefined : { name: learnedPrior!.name, rate };
  return toPoint(basename(folder), config, final.validation, learned);
}

function toPoint(
  name: string,
  config: TrainingConfig,
  { reconstruction, kl }: Loss,
  learned: RateDistortion["learned"],
): RateDistortion {
  const setting = JSON.stringify({ ...meaningfulConfig(config, kindOf(config.spec)), beta: undefined });
  return { name, beta: config.beta, setting, distortion: reconstruction, rate: kl, learned };
}
