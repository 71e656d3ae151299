// What a checkpoint refuses to hold, and to be read from.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import { StageEpochSchema } from "../../../shared/release/release.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { dataSource, loadDataset } from "../../../trainer/data/dataset.ts";
import { DivergenceError, RunError } from "../../../trainer/errors.ts";
import { trainClassifier } from "../../../trainer/evaluate/classifier/train.ts";
import { trainPrior } from "../../../trainer/latent/codes/train-prior.ts";
import { createParallel } from "../../../trainer/parallel/parallel.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { silentProgress } from "../../../trainer/train/progress.ts";
import { fingerprint, temporaryFolder } from "../../folder.ts";
import { codesConfig, trainSmoke } from "../smoke-run.ts";

const pathOf = (folder: string) => join(folder, "checkpoint.bin");

const loss = { reconstruction: 1, kl: 1, total: 2 };
const epochTwo = { epoch: 2, seconds: 1, training: loss, validation: loss };

/** A finite weight from which the next step cannot come back. */
const HUGE = 3e38;

async function spoil<Epoch>(path: string, checkpoint: Checkpoint<Epoch>, name: string, value: number) {
  const tensors = new Map(checkpoint.tensors);
  tensors.set(
    name,
    Float32Array.from(tensors.get(name)!, () => value),
  );
  await writeCheckpoint(path, { ...checkpoint, tensors });
  return readFile(path);
}

describe("training that diverges", () => {
  it("in its last step, which only shows in the validation, writes no checkpoint", async () => {
    const folder = await temporaryFolder();
    // One step for the epoch: its loss is that of the weights before it.
    const run = trainSmoke(folder, { epochs: 1, limit: 64, batchSize: 58, learningRate: 1e30, patience: 1 });
    await expect(run).rejects.toThrow(/the validation loss of epoch 1 is (NaN|Infinity): training diverged/);
    await expect(readFile(pathOf(folder))).rejects.toThrow("ENOENT");
    await expect(readFile(join(folder, "history.json"))).rejects.toThrow("ENOENT");
  });

  it.each([
    ["a Gaussian latent", {}, "encoder_2/bias"],
    ["a Gaussian latent, with patience", { patience: 3 }, "decoder_2/bias"],
    ["codes, whose loss looks sound", codesConfig, "encoder_0/bias"],
  ])(
    "with %s keeps the checkpoint of the epoch before, and never calls it the best",
    async (_, edit, name) => {
      const folder = await temporaryFolder();
      const path = pathOf(folder);
      await trainSmoke(folder, { ...edit, limit: 200, epochs: 1 });
      const before = await spoil(path, await readCheckpoint(path), name, HUGE);
      await expect(trainSmoke(folder, { ...edit, limit: 200, epochs: 3 }, true)).rejects.toThrow(
        DivergenceError,
      );
      expect(await readFile(path)).toEqual(before);
      expect(JSON.parse(await readFile(join(folder, "history.json"), "utf8"))).toHaveLength(1);
    },
  );

  it("of a prior keeps the prior's checkpoint", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "prior.bin");
    await trainSmoke(folder, { ...codesConfig, limit: 100, epochs: 1 });
    const images = await loadDataset(dataSource(codesConfig.data), "train");
    const config = { ...codesConfig, limit: 100, epochs: 1, priorEpochs: 2 };
    const run = { folder, backend: "wasm", images, progress: silentProgress, parallel: createParallel(1) };
    // One step for the epoch, which only the validation can see.
    await expect(
      trainPrior({ ...run, config: { ...config, batchSize: 90, priorLearningRate: 1e30 } }),
    ).rejects.toThrow(/the validation loss of epoch 1 of the prior is/);
    await expect(readFile(path)).rejects.toThrow("ENOENT");
    await trainPrior({ ...run, config: { ...config, priorEpochs: 1 } });
    const prior = await readCheckpoint(path, StageEpochSchema);
    const before = await spoil(path, prior, planPrior(codesConfig.spec).output.name, HUGE);
    await expect(trainPrior({ ...run, config })).rejects.toThrow(
      /the (training|validation) loss of epoch 2 of the prior is (NaN|-?Infinity): training diverged/,
    );
    expect(await readFile(path)).toEqual(before);
  });

  it("of the classifier writes no weights", async () => {
    await selectBackend("wasm");
    const images = await loadDataset(dataSource(codesConfig.data), "train");
    const training = { epochs: 2, batchSize: 10, dropout: 0, averaged: 1, seed: "0", learningRate: 1e30 };
    await expect(
      trainClassifier(
        images,
        Uint32Array.from({ length: 30 }, (_, i) => i),
        training,
      ),
    ).rejects.toThrow(DivergenceError);
  });

  it("is refused by the checkpoint itself, whatever the losses say", async () => {
    const folder = await temporaryFolder();
    const path = pathOf(folder);
    await trainSmoke(folder, { limit: 100, epochs: 1 });
    const [before, checkpoint] = [await fingerprint(folder), await readCheckpoint(path)];
    await expect(spoil(path, checkpoint, "decoder_0/bias", Number.NaN)).rejects.toThrow(
      /training diverged: decoder_0\/bias is not finite/,
    );
    expect(await fingerprint(folder)).toEqual(before);
  });
});

describe("a checkpoint", () => {
  it("that is missing, cut off, or has any bit flipped is refused", async () => {
    const folder = await temporaryFolder();
    const path = pathOf(folder);
    await expect(readCheckpoint(path)).rejects.toThrow(/does not exist: the run has not finished/);
    await trainSmoke(folder, { epochs: 1, limit: 100 });
    const good = await readFile(path);
    const headerAt = good.indexOf("\n") + 1;
    const flipped = [
      10,
      40,
      headerAt,
      good.indexOf("adamStep") + 10,
      good.indexOf("total") + 8,
      good.length - 1,
    ];
    const bad = flipped.map((at) => {
      const copy = Buffer.from(good);
      copy[at]! ^= 1;
      return copy;
    });
    bad.push(good.subarray(0, good.length - 1), good.subarray(0, 10), Buffer.from("{}\n"), Buffer.alloc(0));
    for (const bytes of bad) {
      await writeFile(path, bytes);
      await expect(readCheckpoint(path)).rejects.toThrow(RunError);
      await expect(readCheckpoint(path)).rejects.toThrow(/is damaged or not a checkpoint: .*; delete it/);
    }
  });

  it.each([
    ["no backend", { backend: undefined }, /: backend: /],
    ["a step that is no count", { adamStep: -1 }, /: adamStep: /],
    [
      "a loss that was NaN",
      { history: [{ epoch: 1, seconds: 1, training: null, validation: null }] },
      /: history\.0\.training: /,
    ],
    ["an epoch that is missing", { history: [epochTwo] }, /epoch 1 of its history is missing/],
    ["tensors of another size", { tensors: [{ name: "x", length: 3 }] }, /\d+ bytes of tensors, expected 12/],
  ])("with the right digest but %s is refused by that field", async (_, edit, message) => {
    const folder = await temporaryFolder();
    const path = pathOf(folder);
    await trainSmoke(folder, { epochs: 1, limit: 100 });
    const file = await readFile(path);
    const [start, end] = [file.indexOf("\n") + 1, file.indexOf("\n", file.indexOf("\n") + 1)];
    const header = JSON.parse(file.subarray(start, end).toString());
    const rest = Buffer.concat([
      Buffer.from(`${JSON.stringify({ ...header, ...edit })}\n`),
      file.subarray(end + 1),
    ]);
    const digest = createHash("sha256").update(rest).digest("hex");
    await writeFile(path, Buffer.concat([Buffer.from(`edge-digits-checkpoint/2 ${digest}\n`), rest]));
    await expect(readCheckpoint(path)).rejects.toThrow(message);
  });

  it("of the first format, whose digest covers only the tensors, is still resumed", async () => {
    const [old, whole] = [await temporaryFolder(), await temporaryFolder()];
    await trainSmoke(whole, { epochs: 2, limit: 100 });
    await trainSmoke(old, { epochs: 1, limit: 100 });
    const file = await readFile(pathOf(old));
    const [start, end] = [file.indexOf("\n") + 1, file.indexOf("\n", file.indexOf("\n") + 1)];
    const body = file.subarray(end + 1);
    const header = {
      format: "edge-digits-checkpoint/1",
      ...JSON.parse(file.subarray(start, end).toString()),
      sha256: createHash("sha256").update(body).digest("hex"),
    };
    await writeFile(pathOf(old), Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]));
    await trainSmoke(old, { epochs: 2, limit: 100 }, true);
    expect((await readCheckpoint(pathOf(old))).tensors).toEqual(
      (await readCheckpoint(pathOf(whole))).tensors,
    );
    const damaged = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body.subarray(4)]);
    await writeFile(pathOf(old), damaged);
    await expect(readCheckpoint(pathOf(old))).rejects.toThrow("its digest differs");
  });
});
