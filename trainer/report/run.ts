// All that the report tells of one run: what its folder holds, and its model ready to draw.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createDecoder } from "../../shared/decoder/decoder.ts";
import type { EpochRecord, Loss, PriorEpoch } from "../../shared/release/release.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import { modelInputs } from "../data/batch.ts";
import { dataSource, digestsOf, loadDataset, splitTraining } from "../data/dataset.ts";
import { RunError } from "../errors.ts";
import { readEvaluation } from "../evaluate/evaluation.ts";
import { kindOf } from "../latent/kind.ts";
import { type CodeVersion, readCodeVersion } from "../release/code-version.ts";
import { findRelease } from "../release/find.ts";
import { finalWeights, readCheckpoint } from "../train/checkpoint.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, checkRunData, readConfig } from "../train/run-folder.ts";
import { bestEpoch } from "../train/schedule.ts";
import { viewLatentSpace } from "./latent-space.ts";
import type { EpochPictures, ReportedRun } from "./reported-run.ts";

/** Epochs whose pictures are shown, at most. */
const SHOWN_EPOCHS = 5;

/**
 * Reads a run folder.
 * @param name  what the report shall call it
 * @param onProgress  told what takes its time
 * @param code  whose release of the run is taken
 * @throws RunError where the folder is no run or a file of it is damaged
 */
export async function loadRun(
  folder: string,
  name: string,
  onProgress: (task: string, done: number, total: number) => void = () => {},
  code: CodeVersion = readCodeVersion(),
): Promise<ReportedRun> {
  for (const file of [CONFIG_FILE, CHECKPOINT_FILE]) {
    if (!existsSync(join(folder, file))) {
      throw new RunError(
        `${folder} is no run folder: it holds no ${file}; expected a folder that "npm run train" has written`,
      );
    }
  }
  const config = await readConfig(folder);
  const checkpoint = await readCheckpoint(join(folder, CHECKPOINT_FILE));
  const { backend, history } = checkpoint;
  const final = history[(bestEpoch(config, history) ?? history.length) - 1];
  if (!final) throw new RunError(`${folder} has no whole epoch; train it first`);
  const { spec } = config;
  const weights = finalWeights(checkpoint);
  const source = dataSource(config.data);
  await checkRunData(folder, await digestsOf(source));
  const test = await loadDataset(source, "t10k");
  const images = modelInputs(test, Uint32Array.from(test.labels.keys()), config);
  const data = await loadDataset(source, "train");
  const split = splitTraining(data.count, config.seed, config.limit);
  const { draws, latentsOf } = await kindOf(spec).openRun(
    { folder, config, tensors: weights, data, split },
    () => findRelease(folder, config, history, code),
    onProgress,
  );
  const evaluation = await readEvaluation(folder);
  const isPresent =
    evaluation?.epochs === history.length && evaluation.priorEpochs === draws.priorHistory?.length;
  return {
    name,
    folder,
    config,
    backend,
    history,
    final,
    validation: validationOf(final, draws.priorHistory),
    pictures: await readPictures(folder, history.length),
    priorPictures: await readPriorPictures(folder, draws.priorHistory?.length ?? 0),
    latentView: viewLatentSpace(
      { count: test.count, latents: latentsOf(images), labels: test.labels },
      spec,
      (done, total) => onProgress("placing its latents", done, total),
    ),
    decoder: createDecoder(loadDecodeKernels(), spec, weights),
    ...draws,
    evaluation: isPresent ? evaluation : undefined,
  };
}

function validationOf({ validation }: EpochRecord, prior: readonly PriorEpoch[] | undefined): Loss {
  const kl = prior?.at(-1)?.validation ?? validation.kl;
  return { ...validation, kl, total: validation.reconstruction + kl };
}

async function readPictures(folder: string, epochs: number): Promise<EpochPictures[]> {
  const drawn = Array.from({ length: epochs }, (_, i) => i + 1).filter((epoch) =>
    existsSync(picturePath(folder, epoch, "reconstructions")),
  );
  return Promise.all(
    spreadOut(drawn, SHOWN_EPOCHS).map(async (epoch) => ({
      epoch,
      reconstructions: await readFile(picturePath(folder, epoch, "reconstructions")),
      ...(existsSync(picturePath(folder, epoch, "samples")) && {
        samples: await readFile(picturePath(folder, epoch, "samples")),
      }),
    })),
  );
}

async function readPriorPictures(folder: string, epochs: number) {
  const path = (epoch: number) => picturePath(folder, epoch, "samples", "prior-");
  const drawn = Array.from({ length: epochs }, (_, i) => i + 1).filter((epoch) => existsSync(path(epoch)));
  return Promise.all(
    spreadOut(drawn, SHOWN_EPOCHS).map(async (epoch) => ({ epoch, samples: await readFile(path(epoch)) })),
  );
}

function picturePath(folder: string, epoch: number, kind: string, prefix = ""): string {
  return join(folder, "epochs", `${prefix}${String(epoch).padStart(3, "0")}-${kind}.png`);
}

/** A few of many, the first and the last among them, denser at the start, where a model learns fastest. */
export function spreadOut<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  // Steps of equal ratio; a place that is taken already moves to the next.
  const places: number[] = [];
  for (let i = 0; i < count; i++) {
    const place = Math.round(items.length ** (i / (count - 1))) - 1;
    places.push(Math.max(place, (places.at(-1) ?? -1) + 1));
  }
  return places.map((place) => items[place]!);
}
