// losses.jsonl: a line for every epoch of every stage, equal to the checkpoints' histories, however often a run was interrupted.

import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { StageEpochSchema } from "../../../shared/release/release.ts";
import { dataSource, loadDataset } from "../../../trainer/data/dataset.ts";
import { trainPrior } from "../../../trainer/latent/codes/train-prior.ts";
import { createParallel } from "../../../trainer/parallel/parallel.ts";
import { readCheckpoint } from "../../../trainer/train/checkpoint.ts";
import { silentProgress } from "../../../trainer/train/progress.ts";
import { temporaryFolder } from "../../folder.ts";
import { codesConfig, trainSmoke } from "../smoke-run.ts";

const linesOf = async (folder: string) => {
  const text = await readFile(join(folder, "losses.jsonl"), "utf8");
  expect(text).toMatch(/\n$/);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
};
const ofStage = (stage: string, history: readonly object[]) =>
  history.map((record) => ({ stage, ...record }));

it("has every epoch once after interruptions, whatever they left of the file", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "losses.jsonl");
  const edit = { limit: 200, epochs: 1 };
  const first = await trainSmoke(folder, edit);
  expect(await linesOf(folder)).toEqual(ofStage("vae", first));
  // Stopped between a checkpoint and its line, then in the middle of a line, and a file of an older trainer.
  await writeFile(path, "");
  const second = await trainSmoke(folder, { ...edit, epochs: 2 }, true);
  expect(await linesOf(folder)).toEqual(ofStage("vae", second));
  await appendFile(path, '{"stage":"vae","epoch":3,"sec');
  const third = await trainSmoke(folder, { ...edit, epochs: 3 }, true);
  expect(await linesOf(folder)).toEqual(ofStage("vae", third));
  await rm(path);
  expect(await trainSmoke(folder, { ...edit, epochs: 4 }, true)).toHaveLength(4);
  const history = JSON.parse(await readFile(join(folder, "history.json"), "utf8"));
  expect(await linesOf(folder)).toEqual(ofStage("vae", history));
});

it("has the epochs of a later stage too, and only those of its checkpoint", async () => {
  const folder = await temporaryFolder();
  const config = { ...codesConfig, limit: 100, epochs: 1 };
  const first = await trainSmoke(folder, config);
  const images = await loadDataset(dataSource(config.data), "train");
  const run = { folder, backend: "wasm", images, progress: silentProgress, parallel: createParallel(1) };
  const train = (priorEpochs: number) => trainPrior({ ...run, config: { ...config, priorEpochs } });
  await train(1);
  await train(2);
  const prior = await readCheckpoint(join(folder, "prior.bin"), StageEpochSchema);
  const expected = [...ofStage("vae", first), ...ofStage("prior", prior.history)];
  expect(await linesOf(folder)).toEqual(expected);
  // A finished stage is completed as well.
  await writeFile(join(folder, "losses.jsonl"), `${JSON.stringify(expected[0])}\n`);
  await train(2);
  expect(await linesOf(folder)).toEqual(expected);
  await rm(join(folder, "prior.bin"));
  await train(1);
  expect(await linesOf(folder)).toHaveLength(2);
});
