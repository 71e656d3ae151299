// Opens a run's folder for all that is done with a finished run: its release, its evaluation and its report.

import { join } from "node:path";
import { dataSource, digestsOf, loadDataset, splitTraining } from "../data/dataset.ts";
import { kindOf } from "../latent/kind.ts";
import type { FinishedRun } from "../latent/latent-kind.ts";
import { readHistories } from "../latent/stages.ts";
import { finalWeights, readCheckpoint } from "./checkpoint.ts";
import type { TrainingConfig } from "./config.ts";
import { CHECKPOINT_FILE, checkRunData, readConfig } from "./run-folder.ts";

/**
 * @param config  its own by default
 * @throws RunError where a file is missing or damaged, or the data are not those that the run was started with
 */
export async function openRun(folder: string, config?: TrainingConfig): Promise<FinishedRun> {
  const ownConfig = config ?? (await readConfig(folder));
  const { spec } = ownConfig;
  const { stages, finalTensors } = kindOf(spec);
  const checkpoint = await readCheckpoint(join(folder, CHECKPOINT_FILE));
  const first = finalWeights(checkpoint);
  const source = dataSource(ownConfig.data);
  const digests = await digestsOf(source);
  await checkRunData(folder, digests);
  const data = await loadDataset(source, "train");
  return {
    folder,
    config: ownConfig,
    backend: checkpoint.backend,
    machine: checkpoint.machine,
    history: checkpoint.history,
    stages: await readHistories(folder, stages),
    tensors: finalTensors ? await finalTensors(folder, ownConfig, first) : first,
    source,
    digests,
    data,
    split: splitTraining(data.count, ownConfig.seed, ownConfig.limit),
  };
}
