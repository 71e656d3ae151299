// The threads of a run. Each runs the training of a stage as a whole, with its own tfjs and its own copy of the weights, which
// stay equal since all take the same steps (see descend.ts). Only the first validates, reports and writes.

import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { Dataset } from "../data/dataset.ts";
import { BackendError } from "../errors.ts";
import { alone, createMemory, type Group, joinGroup, type SharedMemory } from "./group.ts";

export interface Parallel {
  /** The threads of the present stage. */
  readonly group: Group;
  /** Into which its batches are cut. */
  readonly shards: number;
  /** Starts a stage's other threads, at most one for each shard. */
  readonly begin: (shards: number, task: ReplicaTask) => void;
  /** Waits until every thread can begin with the first step. @throws BackendError when one does not start */
  readonly ready: () => Promise<void>;
  readonly end: () => Promise<unknown>;
}

/** What a thread is to train, all of it plain data. */
export interface ReplicaTask {
  /** A later stage's name. */
  readonly stage?: string;
  readonly run: Readonly<Record<string, unknown>> & { readonly images: Dataset };
}

export interface ReplicaData extends ReplicaTask {
  readonly memory: SharedMemory;
  readonly rank: number;
  readonly size: number;
  readonly shards: number;
}

/** Beside this file: a TypeScript source, or in a bundle JavaScript. */
const REPLICA = new URL(`./replica${extname(import.meta.filename)}`, import.meta.url);

/** @param threads  at most, this one included */
export function createParallel(threads: number): Parallel {
  let [group, shards] = [alone(), 1];
  let workers: Worker[] = [];
  let started: Promise<unknown> = Promise.resolve();
  return {
    get group() {
      return group;
    },
    get shards() {
      return shards;
    },
    begin: (count, { stage, run }) => {
      shards = count;
      const size = Math.min(threads, count);
      if (size === 1) return;
      const memory = createMemory();
      group = joinGroup(memory, 0, size);
      const images = { ...run.images, pixels: shared(run.images.pixels), labels: shared(run.images.labels) };
      workers = Array.from({ length: size - 1 }, (_, i) => {
        const workerData = { memory, rank: i + 1, size, shards, stage, run: { ...run, images } };
        return new Worker(REPLICA, { workerData });
      });
      started = Promise.all(workers.map(isReady));
      // Seen by ready().
      started.catch(() => {});
    },
    ready: async () => void (await started),
    end: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
      [group, shards, workers, started] = [alone(), 1, [], Promise.resolve()];
    },
  };
}

function isReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: Error) =>
      reject(new BackendError(`a training thread did not start: ${why}`, { cause }));
    worker.once("message", () => resolve());
    worker.on("error", (cause: Error) => fail(cause.message, cause));
    worker.on("exit", (code) => fail(`it exited with code ${code}`));
  });
}

/** A copy that threads read without one of their own. */
function shared(values: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(values.length));
  copy.set(values);
  return copy;
}
