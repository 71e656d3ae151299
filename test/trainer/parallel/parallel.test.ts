// Training on several threads: the same bits on any number of them, and an error for each way in which one can fail.

import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { presets } from "../../../shared/model/presets.ts";
import { StageEpochSchema } from "../../../shared/release/release.ts";
import { createAdam } from "../../../trainer/backend/adam.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { dataSource, digestsOf, loadDataset } from "../../../trainer/data/dataset.ts";
import { BackendError } from "../../../trainer/errors.ts";
import { kindOf } from "../../../trainer/latent/kind.ts";
import { descend } from "../../../trainer/parallel/descend.ts";
import { alone, createMemory, joinGroup, reportFailure } from "../../../trainer/parallel/group.ts";
import { createParallel } from "../../../trainer/parallel/parallel.ts";
import { cutBatch, multiplyAdds, shardsOf } from "../../../trainer/parallel/shards.ts";
import { readCheckpoint } from "../../../trainer/train/checkpoint.ts";
import type { TrainingConfig } from "../../../trainer/train/config.ts";
import { silentProgress } from "../../../trainer/train/progress.ts";
import { train } from "../../../trainer/train/train.ts";
import { temporaryFolder } from "../../folder.ts";
import { codesConfig, flowConfig, smokeConfig } from "../smoke-run.ts";

/** Trains every stage, and returns the folder. */
async function trainOn(threads: number, config: TrainingConfig, folder?: string): Promise<string> {
  const out = folder ?? (await temporaryFolder());
  const kind = kindOf(config.spec);
  const backend = await selectBackend("wasm");
  const source = dataSource(config.data);
  const [images, digests] = [await loadDataset(source, "train"), await digestsOf(source)];
  const parallel = createParallel(threads);
  const shared = { config, kind, folder: out, backend, images, digests, progress: silentProgress, parallel };
  await train({ ...shared, resume: folder !== undefined });
  for (const stage of kind.stages) await stage.train(shared);
  return out;
}

/** Weights, moments and losses that a run ends with, of its first stage and of those that are named. */
async function resultOf(folder: string, stages: readonly string[] = []) {
  const first = await readCheckpoint(join(folder, "checkpoint.bin"));
  const later = stages.map((stage) => readCheckpoint(join(folder, `${stage}.bin`), StageEpochSchema));
  return [first, ...(await Promise.all(later))].map(({ tensors, history }) => ({
    tensors,
    losses: history.map(({ training, validation }) => ({ training, validation })),
  }));
}

const mlp: TrainingConfig = {
  ...smokeConfig,
  ...{ preset: "mlp", spec: presets.mlp, batchSize: 256, limit: 330, dropout: 0.1, augment: true, epochs: 2 },
};

describe("a run ends with the same bits", () => {
  it("on one thread, and begun there and resumed on three", async () => {
    const begun = await trainOn(1, { ...mlp, epochs: 1 });
    await trainOn(3, mlp, begun);
    expect(await resultOf(begun)).toEqual(await resultOf(await trainOn(1, mlp)));
  });

  it("where the last batch has an image for one thread alone", async () => {
    const config = { ...mlp, limit: 285, epochs: 1 };
    expect(await resultOf(await trainOn(3, config))).toEqual(await resultOf(await trainOn(1, config)));
  });

  it("of a model with codes and of its prior", { tags: ["slow"] }, async () => {
    const config = {
      ...codesConfig,
      ...{ preset: "vq" as const, spec: presets.vq, batchSize: 64, limit: 100, priorEpochs: 1 },
    };
    const [one, two] = [await trainOn(1, config), await trainOn(2, config)];
    expect(await resultOf(two, ["prior"])).toEqual(await resultOf(one, ["prior"]));
  });

  it("of every stage of a model with a flow", { tags: ["slow"] }, async () => {
    const stages = ["flow", "distillation", "reader", "fine-tuning"];
    const [one, two] = [await trainOn(1, flowConfig), await trainOn(2, flowConfig)];
    expect(await resultOf(two, stages)).toEqual(await resultOf(one, stages));
  });
});

describe("shards", () => {
  it("are as many as have work for a thread, whatever the machine", () => {
    const counts = (["mlp", "cnn", "vq", "smoke"] as const).map((preset) =>
      [64, 128, 512].map((batchSize) => shardsOf(batchSize, multiplyAdds(presets[preset]))),
    );
    expect(counts).toEqual([
      [1, 2, 8],
      [2, 4, 8],
      [2, 4, 8],
      [1, 1, 1],
    ]);
  });

  it("cover a batch, also where it is smaller than they are many", () => {
    const ranges = (count: number, most: number) => cutBatch(count, most).map(({ from, to }) => [from, to]);
    expect(ranges(10, 4)).toEqual([
      [0, 2],
      [2, 5],
      [5, 7],
      [7, 10],
    ]);
    expect(ranges(2, 4)).toEqual([
      [0, 1],
      [1, 2],
    ]);
    expect(cutBatch(10, 4).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(cutBatch(10, 4).map(({ seed }) => seed("a"))).toEqual(["a", "a/1", "a/2", "a/3"]);
  });

  it("take the step of their batch", async () => {
    await selectBackend("wasm");
    const x = tf.randomNormal([16, 5], 0, 1, "float32", 2) as tf.Tensor2D;
    const stepped = (shards: number) => {
      const w = tf.variable(tf.randomNormal([5, 3], 0, 1, "float32", 1)) as tf.Variable<tf.Rank.R2>;
      const adam = createAdam(new Map([["w", w]]));
      const numbers = [0.1, 0.01].flatMap((learningRate) =>
        tf.tidy(() => {
          const { loss, reported } = descend(
            { group: alone(), shards },
            cutBatch(16, shards),
            [{ adam, learningRate }],
            ({ from, to }) =>
              () => {
                const y = tf.tanh(tf.matMul(tf.slice(x, from, to - from), w));
                return { loss: tf.sum(y), reported: tf.stack([tf.sum(tf.square(y))]) as tf.Tensor1D };
              },
          );
          return [...loss.dataSync(), ...reported!.dataSync()];
        }),
      );
      const { m, v } = { m: adam.moments().get("m/w")!, v: adam.moments().get("v/w")! };
      expect(adam.stepsDone()).toBe(2);
      return [...numbers, ...[w, m, v].flatMap((tensor) => [...tensor.dataSync()])];
    };
    const [whole, cut] = [stepped(1), stepped(4)];
    expect(cut).toHaveLength(4 + 3 * 15);
    for (const [i, number] of cut.entries()) expect(number).toBeCloseTo(whole[i]!, 4);
  });

  it("see what a variable and its moments were set to between two steps", async () => {
    await selectBackend("wasm");
    const w = tf.variable(tf.tensor1d([1, -2, 3]));
    const adam = createAdam(new Map([["w", w]]));
    const step = () => {
      const optimiser = { adam, learningRate: 0.1 };
      tf.tidy(() => {
        descend({ group: alone(), shards: 2 }, cutBatch(2, 2), [optimiser], () => () => ({
          loss: tf.sum(tf.square(w)),
        }));
      });
      return w.dataSync().slice();
    };
    const first = step();
    expect(step()).not.toEqual(first);
    tf.tidy(() => w.assign(tf.tensor1d([1, -2, 3])));
    adam.restore(0, new Map([...adam.moments().keys()].map((name) => [name, new Float32Array(3)])));
    expect(step()).toEqual(first);
  });

  it("of a variable without a gradient are an error", async () => {
    await selectBackend("wasm");
    const [w, unused] = [tf.variable(tf.ones([4])), tf.variable(tf.ones([4]))];
    const adam = createAdam(new Map(Object.entries({ w, unused })));
    const step = () => {
      const optimiser = { adam, learningRate: 0.1 };
      descend({ group: alone(), shards: 2 }, cutBatch(2, 2), [optimiser], () => () => ({ loss: tf.sum(w) }));
    };
    expect(() => tf.tidy(step)).toThrow("variable unused has no gradient");
  });
});

describe("a thread", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("that does not start is an error", async () => {
    const parallel = createParallel(2);
    const images = await loadDataset(dataSource(smokeConfig.data), "train");
    parallel.begin(2, { stage: "no such stage", run: { config: smokeConfig, folder: "", images } });
    await expect(parallel.ready()).rejects.toThrow(BackendError);
    await expect(parallel.ready()).rejects.toThrow(/a training thread did not start: .*train/);
    await parallel.end();
  });

  it("that fails during a step is an error for those that wait for it", () => {
    const memory = createMemory();
    reportFailure(memory, new Error("out of memory"));
    expect(() => joinGroup(memory, 0, 2).meet()).toThrow("a training thread failed: Error: out of memory");
  });

  it("that is killed is an error after ten minutes", () => {
    vi.spyOn(Atomics, "wait").mockReturnValue("timed-out");
    expect(() => joinGroup(createMemory(), 0, 2).meet()).toThrow("does not answer for 600 s");
  });
});
