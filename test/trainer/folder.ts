// Temporary folders and small runs for tests.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { selectBackend } from "../../trainer/backend/registry.ts";
import { dataSource, digestsOf, loadDataset } from "../../trainer/data/dataset.ts";
import { kindOf } from "../../trainer/latent/kind.ts";
import type { TrainingConfig } from "../../trainer/train/config.ts";
import { silentProgress } from "../../trainer/train/progress.ts";
import { train } from "../../trainer/train/train.ts";
import { smokeConfig } from "./smoke-config.ts";

export { smokeConfig };

/** A folder that is gone after the test, or, outside of one, after `forget()`. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

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
  });
}
