// All that the report tells of one run: what its folder holds, and its model ready to draw.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createDecoder, type Decoder } from "../../shared/decoder/decoder.ts";
import type { Mixture } from "../../shared/latent/mixture.ts";
import { createCodeSampler, createGaussianSampler, type Sampler } from "../../shared/latent/sampler.ts";
import type { Weights } from "../../shared/model/weights.ts";
import { fromMemory, readMixture } from "../../shared/release/open.ts";
import type { EpochRecord, Loss, PriorEpoch } from "../../shared/release/release.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import { selectBackend } from "../backend/registry.ts";
import { modelInputs } from "../data/batch.ts";
import { dataSource, digestsOf, loadDataset, splitTraining } from "../data/dataset.ts";
import { RunError } from "../errors.ts";
import { type Evaluation, readEvaluation } from "../evaluate/evaluation.ts";
import { createCodedModel } from "../latent/codes/evaluate.ts";
import { readFloatCodes } from "../latent/codes/pack.ts";
import { digitShares } from "../latent/codes/train-prior.ts";
import { createAutoencoder } from "../latent/gaussian/autoencoder.ts";
import { fitSampler } from "../latent/gaussian/mixture.ts";
import { type CodeVersion, readCodeVersion } from "../release/code-version.ts";
import { findRelease } from "../release/find.ts";
import { finalWeights, readCheckpoint } from "../train/checkpoint.ts";
import type { TrainingConfig } from "../train/config.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, checkRunData, readConfig } from "../train/run-folder.ts";
import { bestEpoch } from "../train/schedule.ts";
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
  /** Of these weights; of a model with codes under the prior that it has learned. */
  readonly validation: Loss;
  readonly pictures: readonly EpochPictures[];
  /** What the prior over codes drew while it learned, of a model that has them. */
  readonly priorPictures: readonly { readonly epoch: number; readonly samples: Uint8Array }[];
  /** Of that prior. */
  readonly priorHistory?: readonly PriorEpoch[];
  /** Of the means of q(z|x) of the test images, or of the embeddings of their codes. */
  readonly latentView: LatentView;
  readonly decoder: Decoder;
  readonly sampler: Sampler;
  /** Of a Gaussian latent. */
  readonly mixture?: Mixture;
  /** Of the weights that the run ends with, not of those before it went on. */
  readonly evaluation: Evaluation | undefined;
}

/** PNG files of one epoch. */
export interface EpochPictures {
  readonly epoch: number;
  readonly reconstructions: Uint8Array;
  /** Of a model with codes none: its prior learns in epochs of its own. */
  readonly samples?: Uint8Array;
}

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
  const latent = spec.codes
    ? await codesLatent(folder, config, weights)
    : await gaussianLatent(folder, config, { history, weights, code }, onProgress);
  const evaluation = await readEvaluation(folder);
  const isPresent =
    evaluation?.epochs === history.length && evaluation.priorEpochs === latent.draws.priorHistory?.length;
  return {
    name,
    folder,
    config,
    backend,
    history,
    final,
    validation: validationOf(final, latent.draws.priorHistory),
    pictures: await readPictures(folder, history.length),
    priorPictures: await readPriorPictures(folder, latent.draws.priorHistory?.length ?? 0),
    latentView: viewLatentSpace(
      { count: test.count, latents: latent.latentsOf(images), labels: test.labels },
      spec,
      (done, total) => onProgress("placing its latents", done, total),
    ),
    decoder: createDecoder(loadDecodeKernels(), spec, weights),
    ...latent.draws,
    evaluation: isPresent ? evaluation : undefined,
  };
}

function validationOf({ validation }: EpochRecord, prior: readonly PriorEpoch[] | undefined): Loss {
  const kl = prior?.at(-1)?.validation ?? validation.kl;
  return { ...validation, kl, total: validation.reconstruction + kl };
}

/** What a run draws from, and where it puts images. */
interface Latent {
  readonly draws: Pick<ReportedRun, "sampler" | "mixture" | "priorHistory">;
  /** Images, float32 [n, pixels], flat, to the decoder's inputs without noise, float32 [n, latentDim], flat. */
  readonly latentsOf: (images: Float32Array) => Float32Array;
}

async function gaussianLatent(
  folder: string,
  config: TrainingConfig,
  present: {
    readonly history: readonly EpochRecord[];
    readonly weights: Weights;
    readonly code: CodeVersion;
  },
  onProgress: (task: string, done: number, total: number) => void,
): Promise<Latent> {
  const { spec } = config;
  const { history, weights, code } = present;
  const model = createAutoencoder(spec, { encoder: weights, decoder: weights });
  const release = await findRelease(folder, config, history, code);
  const mixture =
    (release && (await readMixture(release.card, fromMemory(release.files)))) ??
    (await fitMixture(config, weights, (done, total) => onProgress("fitting its mixture", done, total)));
  return {
    draws: { mixture, sampler: createGaussianSampler(spec, mixture) },
    latentsOf: (images) => model.encode(images).mu,
  };
}

async function codesLatent(
  folder: string,
  { spec, data, seed, limit }: TrainingConfig,
  weights: Weights,
): Promise<Latent> {
  const images = await loadDataset(dataSource(data), "train");
  const { training } = splitTraining(images.count, seed, limit);
  const shares = digitShares(Uint8Array.from(training, (index) => images.labels[index]!));
  const prior = await readFloatCodes(folder, spec, weights, shares);
  const model = createCodedModel({ spec, encoder: weights, decoder: weights, codes: prior.weights });
  return {
    draws: { sampler: createCodeSampler(model.codes), priorHistory: prior.history },
    latentsOf: (given) => model.embed(model.encode(given)),
  };
}

async function fitMixture(
  config: TrainingConfig,
  weights: Weights,
  onProgress: (done: number, total: number) => void,
): Promise<Mixture> {
  const images = await loadDataset(dataSource(config.data), "train");
  await selectBackend("wasm");
  const split = splitTraining(images.count, config.seed, config.limit);
  return fitSampler(config, weights, images, split, onProgress);
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
