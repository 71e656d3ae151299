// Reads what the report shows of one run: what its folder holds, and its model ready to draw.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { createDecoder } from "../../shared/decoder/decoder.ts";
import { fromMemory, openLatent } from "../../shared/release/open.ts";
import type { EpochRecord, Loss, StageEpoch } from "../../shared/release/release.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import { modelInputs } from "../data/batch.ts";
import { gatherImages, labelsOf, loadDataset } from "../data/dataset.ts";
import { RunError } from "../errors.ts";
import { readEvaluation } from "../evaluate/evaluation.ts";
import { kindOf } from "../latent/kind.ts";
import { encodeImages, latentsOf } from "../latent/points.ts";
import { epochCounts, type StageHistories } from "../latent/stages.ts";
import { type CodeVersion, readCodeVersion } from "../release/code-version.ts";
import { findRelease } from "../release/find.ts";
import { openRun } from "../train/open-run.ts";
import { CHECKPOINT_FILE, CONFIG_FILE } from "../train/run-folder.ts";
import { bestEpoch } from "../train/schedule.ts";
import { dissectRun } from "./anatomy.ts";
import type { EpochPicture } from "./elements.ts";
import { viewLatentSpace } from "./latent-space.ts";
import type { ReportedRun } from "./reported-run.ts";

/** Epochs whose pictures are shown, at most. */
const SHOWN_EPOCHS = 5;

/**
 * @param name  what the report calls the run
 * @param onProgress  called with what takes long
 * @param code  version whose release of the run is taken
 * @throws RunError where the folder is not a run, or one of its files is damaged
 */
export async function loadRun(
  folder: string,
  name: string,
  onProgress: (task: string, done: number, total: number) => void = () => {},
  code: CodeVersion = readCodeVersion(),
): Promise<ReportedRun> {
  const missing = [CONFIG_FILE, CHECKPOINT_FILE].find((file) => !existsSync(join(folder, file)));
  if (missing !== undefined) {
    throw new RunError(
      `${folder} is not a run folder: it has no ${missing}; expected a folder that "npm run train" has written`,
    );
  }
  const run = await openRun(folder);
  const { config, backend, machine, history, stages, tensors } = run;
  const final = history[(bestEpoch(config, history) ?? history.length) - 1];
  if (!final) throw new RunError(`${folder} has no finished epoch; train it first`);
  const { spec } = config;
  const test = await loadDataset(run.source, "t10k");
  const all = Uint32Array.from(test.labels.keys());
  const images = modelInputs(test, all, config);
  const release = await findRelease(run, code);
  const released = release && (await openLatent(release.card, fromMemory(release.files), loadDecodeKernels));
  const latent = await kindOf(spec).openFloat(run, released, onProgress);
  const evaluation = await readEvaluation(folder);
  const isPresent =
    evaluation?.epochs === history.length && isDeepStrictEqual(evaluation.stageEpochs, epochCounts(stages));
  const read = {
    name,
    folder,
    config,
    backend,
    machine,
    history,
    final,
    validation: validationOf(final, stages.prior),
    pictures: {
      reconstructions: await readPictures(folder, history.length, "", "reconstructions"),
      samples: await readPictures(folder, history.length, "", "samples"),
      stageSamples: await readStagePictures(folder, stages),
    },
    latentView: viewLatentSpace(
      {
        latents: latentsOf(encodeImages(spec, tensors, latent.encode, { images, labels: test.labels })),
        labels: test.labels,
      },
      spec,
      (done, total) => onProgress("projecting its latents", done, total),
    ),
    decoder: createDecoder(loadDecodeKernels(), spec, tensors),
    stages,
    latent,
    evaluation: isPresent ? evaluation : undefined,
  };
  const anatomy = await dissectRun(
    {
      ...read,
      tensors,
      images: {
        file: run.data,
        training: run.split.training,
        validation: {
          images: modelInputs(run.data, run.split.validation, config),
          labels: labelsOf(run.data, run.split.validation),
        },
        test: { images, labels: test.labels },
        greyTest: gatherImages(test, all),
      },
    },
    (done, total) => onProgress("dissecting its latent", done, total),
  );
  return { ...read, anatomy };
}

function validationOf({ validation }: EpochRecord, prior: readonly StageEpoch[] | undefined): Loss {
  const kl = prior?.at(-1)?.validation ?? validation.kl;
  return { ...validation, kl, total: validation.reconstruction + kl };
}

/** A few of the pictures that training has left in `epochs/`. */
async function readPictures(
  folder: string,
  epochs: number,
  prefix: string,
  kind: string,
): Promise<EpochPicture[]> {
  const found = Array.from({ length: epochs }, (_, i) => {
    const name = `${prefix}${String(i + 1).padStart(3, "0")}-${kind}.png`;
    return { epoch: i + 1, path: join(folder, "epochs", name) };
  }).filter(({ path }) => existsSync(path));
  return Promise.all(
    spreadOut(found, SHOWN_EPOCHS).map(async ({ epoch, path }) => ({ epoch, png: await readFile(path) })),
  );
}

async function readStagePictures(folder: string, stages: StageHistories): Promise<EpochPicture[]> {
  const pictures = Object.entries<StageEpoch[]>({ ...stages }).map(([stage, epochs]) =>
    readPictures(folder, epochs.length, `${stage}-`, "samples"),
  );
  return (await Promise.all(pictures)).flat();
}

/** Some items, with the first and the last among them, denser at the start, where a model learns fastest. */
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
