// A training whose GPU fails in its second epoch: "lost", or "memory" for an allocation that it has no room for. Prints
// JSON: the error, and how many epochs the checkpoint holds.

import { join } from "node:path";
import { releaseBackend, selectBackend } from "../../../../trainer/backend/registry.ts";
import { currentGpu } from "../../../../trainer/backend/webgpu/device.ts";
import { loadDataset, MNIST } from "../../../../trainer/data/dataset.ts";
import { kindOf } from "../../../../trainer/latent/kind.ts";
import { createParallel } from "../../../../trainer/parallel/parallel.ts";
import { readCheckpoint } from "../../../../trainer/train/checkpoint.ts";
import { silentProgress } from "../../../../trainer/train/progress.ts";
import { CHECKPOINT_FILE } from "../../../../trainer/train/run-folder.ts";
import { train } from "../../../../trainer/train/train.ts";
import { smokeConfig } from "../../smoke-config.ts";

const [mode, folder] = process.argv.slice(2) as ["lost" | "memory", string];
const backend = await selectBackend("webgpu");
const images = await loadDataset(MNIST, "train");
const { device } = currentGpu();
const fail = () => {
  if (mode === "lost") return device.destroy();
  const error = new GPUOutOfMemoryError("no 99 GiB");
  device.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
};
const progress = {
  ...silentProgress,
  start: (epoch: number) => {
    if (epoch === 2) fail();
  },
};
const config = { ...smokeConfig, batchSize: 32, limit: 80 };
const error = await train({
  config,
  kind: kindOf(config.spec),
  folder,
  backend,
  images,
  digests: {},
  resume: false,
  progress,
  parallel: createParallel(1),
}).catch((error: Error) => error);
const { history } = await readCheckpoint(join(folder, CHECKPOINT_FILE));
releaseBackend();
const { name, message } = error as Error;
console.log(JSON.stringify({ name, message, isClass: error?.constructor.name, epochs: history.length }));
