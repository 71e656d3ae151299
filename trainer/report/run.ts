// All that the report tells of one run: what its folder holds, and its model ready to draw.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { createDecoder, type Decoder } from "../../shared/decoder/decoder.ts";
import { type Mixture, SAMPLER_FILE } from "../../shared/mixture.ts";
import { type EpochRecord, readMixture } from "../../shared/release.ts";
import type { Weights } from "../../shared/weights.ts";
import { selectBackend } from "../backend/registry.ts";
import { readCheckpoint } from "../checkpoint.ts";
import { readConfig } from "../commands/train.ts";
import type { TrainingConfig } from "../config.ts";
import { dataSource, gatherImages, loadDataset, splitTraining } from "../dataset.ts";
import { loadDecodeKernels } from "../decode-kernels.ts";
import { RunError } from "../errors.ts";
import { createAutoencoder } from "../evaluate/autoencoder.ts";
import { EVALUATION_FILE, type Evaluation, EvaluationSchema } from "../evaluate/evaluation.ts";
import { findRelease } from "../run-release.ts";
import { fitSampler } from "../sampler.ts";
import { bestEpoch } from "../schedule.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, finalWeights } from "../train.ts";
import { type LatentView, viewLatentSpace } from "./latent-space.ts";

export interface ReportedRun {
  /** What the report calls it. */
  readonly name: string;
  readonly folder: string;
  readonly config: TrainingConfig;
  readonly backend: string;
  readonly history: readonly EpochRecord[];
  /** The record of the epoch whose weights the run ends with. */
  readonly final: EpochRecord;
  readonly pictures: readonly EpochPictures[];
  /** Of the means of q(z|x) of the test images. */
  readonly latentView: LatentView;
  readonly decoder: Decoder;
  readonly mixture: Mixture;
  readonly evaluation: Evaluation | undefined;
}

/** PNG files of one epoch. */
export interface EpochPictures {
  readonly epoch: number;
  readonly reconstructions: Uint8Array;
  readonly samples: Uint8Array;
}

/** Epochs whose pictures are shown, at most. */
const SHOWN_EPOCHS = 5;

/**
 * Reads a run folder.
 * @param name  what the report shall call it
 * @param onProgress  told what takes its time
 * @throws RunError where the folder is no run or a file of it is damaged
 */
export async function loadRun(
  folder: string,
  name: string,
  onProgress: (task: string, done: number, total: number) => void = () => {},
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
  const evaluation = await readEvaluation(folder, history.length);
  const { spec } = config;
  const weights = finalWeights(checkpoint);
  const model = createAutoencoder(spec, { encoder: weights, decoder: weights });
  const test = await loadDataset(dataSource(config.data), "t10k");
  const images = gatherImages(
    test,
    Uint32Array.from({ length: test.count }, (_, i) => i),
  );
  return {
    name,
    folder,
    config,
    backend,
    history,
    final,
    pictures: await readPictures(folder, history.length),
    latentView: viewLatentSpace(
      { count: test.count, mu: model.encode(images).mu, labels: test.labels },
      spec.latentDim,
      (done, total) => onProgress("placing its latents", done, total),
    ),
    decoder: createDecoder(loadDecodeKernels(), spec, weights),
    mixture:
      (await releasedMixture(folder, config, history)) ??
      (await fitMixture(config, weights, (done, total) => onProgress("fitting its mixture", done, total))),
    evaluation,
  };
}

/** The mixture of the run's own release, where one was made after its last epoch. */
async function releasedMixture(
  folder: string,
  config: TrainingConfig,
  history: readonly EpochRecord[],
): Promise<Mixture | undefined> {
  const release = await findRelease(folder, config, history);
  return release && readMixture(release.card, release.files.get(SAMPLER_FILE));
}

async function fitMixture(
  { spec, data, seed, limit }: TrainingConfig,
  weights: Weights,
  onProgress: (done: number, total: number) => void,
): Promise<Mixture> {
  const images = await loadDataset(dataSource(data), "train");
  await selectBackend("wasm");
  return fitSampler(spec, weights, images, splitTraining(images.count, seed, limit), onProgress);
}

async function readPictures(folder: string, epochs: number): Promise<EpochPictures[]> {
  const drawn = Array.from({ length: epochs }, (_, i) => i + 1).filter((epoch) =>
    ["reconstructions", "samples"].every((kind) => existsSync(picturePath(folder, epoch, kind))),
  );
  return Promise.all(
    spreadOut(drawn, SHOWN_EPOCHS).map(async (epoch) => ({
      epoch,
      reconstructions: await readFile(picturePath(folder, epoch, "reconstructions")),
      samples: await readFile(picturePath(folder, epoch, "samples")),
    })),
  );
}

function picturePath(folder: string, epoch: number, kind: string): string {
  return join(folder, "epochs", `${String(epoch).padStart(3, "0")}-${kind}.png`);
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

/** Nothing where it is of weights from before the run went on. */
async function readEvaluation(folder: string, epochs: number): Promise<Evaluation | undefined> {
  const path = join(folder, EVALUATION_FILE);
  if (!existsSync(path)) return undefined;
  const help = `write it anew with "npm run evaluate -- ${folder}"`;
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new RunError(`${path} is not JSON; ${help}`, { cause });
  }
  const result = v.safeParse(EvaluationSchema, value);
  if (result.success) return result.output.epochs === epochs ? result.output : undefined;
  const [issue] = result.issues;
  throw new RunError(`${path}: ${v.getDotPath(issue) ?? "document"}: ${issue.message}; ${help}`);
}
