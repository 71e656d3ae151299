// A thread of a group but the first: trains the stage that it is told, step by step with the others, until it is ended.

import { parentPort, workerData } from "node:worker_threads";
import { selectBackend } from "../backend/registry.ts";
import { kindOf } from "../latent/kind.ts";
import { silentProgress } from "../train/progress.ts";
import { type TrainingRun, train } from "../train/train.ts";
import { joinGroup, reportFailure } from "./group.ts";
import type { Parallel, ReplicaData } from "./parallel.ts";

const { memory, rank, size, shards, stage, run } = workerData as ReplicaData;
const parallel: Parallel = {
  group: joinGroup(memory, rank, size),
  shards,
  begin: () => {},
  ready: async () => parentPort!.postMessage("ready"),
  end: async () => {},
};

try {
  const { config, folder, digests, resume, images } = run as unknown as TrainingRun;
  const kind = kindOf(config.spec);
  const backend = await selectBackend("wasm");
  const same = { config, kind, folder, digests, resume, images, backend, progress: silentProgress, parallel };
  await (stage === undefined ? train(same) : kind.stages.find(({ name }) => name === stage)!.train(same));
} catch (error) {
  reportFailure(memory, error);
  throw error;
}
