// What --resume may continue, checked before anything is written: the run must end with the weights of an unbroken one.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { PriorEpochSchema } from "../../shared/release/release.ts";
import { RunError } from "../errors.ts";
import { flagOf } from "../options.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { optionNames, type TrainingConfig } from "./config.ts";
import {
  CHECKPOINT_FILE,
  checkRunData,
  type DataDigests,
  PRIOR_CHECKPOINT_FILE,
  readConfig,
} from "./run-folder.ts";
import { isFinished } from "./schedule.ts";

/** What --resume may change, within limits. */
const EXTENSIBLE: ReadonlySet<string> = new Set(["epochs", "priorEpochs"]);

interface ResumedRun {
  readonly folder: string;
  /** To continue with. */
  readonly config: TrainingConfig;
  readonly backend: string;
  /** Of the data files as they are now. */
  readonly digests: DataDigests;
}

/**
 * @throws RunError if the result would not be that of an unbroken run with this configuration, or if epochs of a prior would
 *   be lost
 */
export async function checkResume({ folder, config, backend, digests }: ResumedRun): Promise<void> {
  const stored = await readConfig(folder);
  const { history, backend: computedBy } = await readCheckpoint(join(folder, CHECKPOINT_FILE));
  const priorPath = join(folder, PRIOR_CHECKPOINT_FILE);
  const prior = existsSync(priorPath) ? await readCheckpoint(priorPath, PriorEpochSchema) : undefined;
  const priorEpochs = prior?.history.length ?? 0;
  await checkRunData(folder, digests);

  for (const key of optionNames) {
    if (EXTENSIBLE.has(key) || isDeepStrictEqual(config[key], stored[key])) continue;
    const started = stored[key] === undefined ? "without it" : `with ${stored[key]}`;
    throw new RunError(
      `--${flagOf(key)} ${config[key]} contradicts ${folder}, which was started ${started}; ` +
        "leave it out, or start another run",
    );
  }
  const otherRates = "another length would have had other learning rates from the start; leave it out, or";
  const refusals: readonly (readonly [isRefused: boolean, why: string])[] = [
    [
      !isDeepStrictEqual(config.spec, stored.spec),
      `the architecture contradicts ${folder}, which was started with another`,
    ],
    [
      backend !== computedBy,
      `${folder} was computed by the ${computedBy} backend, this one is ${backend}; resume with --backend ${computedBy}`,
    ],
    [
      config.epochs < history.length,
      `--epochs ${config.epochs}: ${folder} has done ${history.length} epochs already`,
    ],
    [
      config.schedule === "cosine" && config.epochs !== stored.epochs,
      `--epochs ${config.epochs}: the cosine schedule of ${folder} decays over ${stored.epochs} epochs; ${otherRates} ` +
        "start another run",
    ],
    [
      priorEpochs > 0 && config.priorEpochs !== stored.priorEpochs,
      `--prior-epochs ${config.priorEpochs}: the cosine schedule of the prior decays over ${stored.priorEpochs} epochs; ` +
        `${otherRates} delete ${priorPath} to train the prior from the start`,
    ],
    [
      priorEpochs > 0 && !isFinished(config, history),
      `--epochs ${config.epochs}: more epochs of the first stage change the codes that the prior of ${folder} has ` +
        `learned in ${priorEpochs} epochs; start another run, or delete ${priorPath} to train the prior again`,
    ],
  ];
  const refusal = refusals.find(([isRefused]) => isRefused);
  if (refusal) throw new RunError(refusal[1]);
}
