// Small runs for tests.

import { inject } from "vitest";
import { selectBackend } from "../../trainer/backend/registry.ts";
import { dataSource, digestsOf, loadDataset } from "../../trainer/data/dataset.ts";
import { kindOf } from "../../trainer/latent/kind.ts";
import { createParallel } from "../../trainer/parallel/parallel.ts";
import type { TrainingConfig } from "../../trainer/train/config.ts";
import { silentProgress } from "../../trainer/train/progress.ts";
import { train } from "../../trainer/train/train.ts";
import { cutDigits, type Digits } from "./digits.ts";
import * as onMnist from "./smoke-config.ts";

const data = inject("digits");
/** What gives a command the data of these runs. */
export const DATA = ["--data", data] as const;
export const smokeConfig: TrainingConfig = { ...onMnist.smokeConfig, data };
/** Of a model with codes. */
export const codesConfig: TrainingConfig = { ...onMnist.codesConfig, data };
/** Of a model with a flow. */
export const flowConfig: TrainingConfig = { ...onMnist.flowConfig, data };

/** Writes a smaller data set into a folder. */
export const writeDigits = (folder: string, digits: Digits) => cutDigits(dataSource(data), folder, digits);

/** Trains a few hundred images; a second or less. */
export async function trainSmoke(folder: string, edit: Partial<TrainingConfig> = {}, resume = false) {
  const backend = await selectBackend("wasm");
  const config = { ...smokeConfig, ...edit };
  const source = dataSource(config.data);
  const [images, digests] = [await loadDataset(source, "train"), await digestsOf(source)];
  return train({
    config,
    kind: kindOf(config.spec),
    folder,
    backend,
    images,
    digests,
    resume,
    progress: silentProgress,
    parallel: createParallel(1),
  });
}
