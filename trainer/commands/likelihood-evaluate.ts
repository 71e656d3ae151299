// npm run likelihood:evaluate: the likelihood of held-out images, and pictures of what the model draws.

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as v from "valibot";
import { releaseBackend, selectBackend } from "../backend/registry.ts";
import { modelInputs } from "../data/batch.ts";
import { dataSource, digestsOf, loadDataset, splitTraining } from "../data/dataset.ts";
import { SPLITS } from "../evaluate/evaluation.ts";
import { variablesFrom } from "../latent/flow/network.ts";
import { digestOf } from "../latent/stages.ts";
import {
  boundLikelihood,
  evaluatedImages,
  type ImageLikelihood,
  meanWithError,
} from "../likelihood/evaluate.ts";
import { SIDE, weightSpecs } from "../likelihood/network.ts";
import { drawPictures } from "../likelihood/pictures.ts";
import { averagesOf } from "../likelihood/train.ts";
import { option, wholeNumber } from "../options.ts";
import { type Checkpoint, readCheckpoint } from "../train/checkpoint.ts";
import { replaceFile, replaceJson } from "../train/replace-file.ts";
import { CHECKPOINT_FILE, checkRunData, readJson } from "../train/run-folder.ts";
import { countDown, createTasks } from "../train/tasks.ts";
import { defineCommand } from "./command-line.ts";
import { backendOption, LIKELIHOOD_BACKENDS, readLikelihoodConfig } from "./likelihood.ts";

/** After so many images their figures are written, from which the same command continues. */
const IMAGES_PER_WRITE = 10;

const FiguresSchema = v.object({
  /** Digest of the weights that were measured. */
  weights: v.string(),
  /** Of each image, in the order of `evaluatedImages`, nats. */
  nll: v.array(v.number()),
  negativeElbo: v.array(v.number()),
});

type Figures = v.InferOutput<typeof FiguresSchema>;

export const likelihoodEvaluateCommand = defineCommand({
  name: "likelihood:evaluate",
  summary:
    "Measure the likelihood of held-out images under a run of npm run likelihood by importance sampling, and draw samples " +
    "and reconstructions into its folder. Interrupted, the same command continues.",
  examples: [
    "npm run likelihood:evaluate -- runs/likelihood",
    "npm run likelihood:evaluate -- runs/likelihood --on test --images 1000 --samples 5000",
    "npm run likelihood:evaluate -- runs/likelihood --on test --images 10000 --samples 200",
  ],
  fields: {
    on: option(
      v.picklist(SPLITS),
      "images: validation for making choices, test for the figures of what was chosen",
      "validation",
    ),
    images: option(wholeNumber(2, 60_000), "how many of them, always in the same random order", 1000),
    samples: option(wholeNumber(1, 100_000), "importance samples per image", 200),
    backend: backendOption,
  },
  positionals: ["RUN"],
  run: async ({ values: { on, images: wanted, samples, backend } }, [run]) => {
    const folder = run!;
    const config = await readLikelihoodConfig(folder);
    const checkpoint: Checkpoint = await readCheckpoint(join(folder, CHECKPOINT_FILE));
    const source = dataSource(config.data);
    await checkRunData(folder, await digestsOf(source));
    const data = await loadDataset(source, on === "test" ? "t10k" : "train");
    const held =
      on === "test"
        ? Uint32Array.from(data.labels.keys())
        : splitTraining(data.count, config.seed, config.limit).validation;
    const inputs = modelInputs(
      data,
      evaluatedImages(held.length, wanted).map((i) => held[i]!),
      { binarise: true, seed: config.seed },
    );
    const averages = averagesOf(checkpoint);
    const path = join(folder, `nll-${on}-${samples}.json`);
    const figures = await readFigures(path, digestOf(averages));
    await selectBackend(backend, LIKELIHOOD_BACKENDS);
    const tasks = createTasks(process.stderr);
    try {
      const weights = variablesFrom(weightSpecs(config), averages);
      for (const [name, png] of await drawPictures(weights, inputs, config)) {
        await replaceFile(join(folder, name), png);
      }
      const bound = (image: tf.Tensor4D, index: number) =>
        boundLikelihood(weights, image, samples, `${config.seed}/evaluate/${index}`);
      await measure(figures, inputs, bound, (done) => replaceJson(path, done), countDown(tasks.show));
    } finally {
      tasks.stop();
      releaseBackend();
    }
    const count = Math.min(wanted, held.length);
    const [nll, elbo] = [figures.nll, figures.negativeElbo].map((values) => {
      const { mean, standardError } = meanWithError(values.slice(0, count));
      return `${mean.toFixed(2)} \u00b1 ${standardError.toFixed(2)}`;
    });
    console.log(
      `${folder}, ${checkpoint.history.length} epochs, ${count} ${on} images: NLL ${nll} nats by ${samples} importance ` +
        `samples, negative ELBO ${elbo} (standard errors over the images)`,
    );
  },
});

/** Measures the images that have no figures yet, and adds theirs. @param inputs  [count, 28, 28, 1], flat */
async function measure(
  figures: Figures,
  inputs: Float32Array,
  bound: (image: tf.Tensor4D, index: number) => ImageLikelihood,
  write: (figures: Figures) => Promise<void>,
  tell: (task: string, done: number, total: number) => void,
): Promise<void> {
  const pixels = SIDE * SIDE;
  const count = inputs.length / pixels;
  const before = figures.nll.length;
  for (let i = before; i < count; i++) {
    const image = tf.tensor4d(inputs.slice(i * pixels, (i + 1) * pixels), [1, SIDE, SIDE, 1]);
    const { nll, negativeElbo } = bound(image, i);
    image.dispose();
    figures.nll.push(nll);
    figures.negativeElbo.push(negativeElbo);
    if ((i + 1) % IMAGES_PER_WRITE === 0 || i + 1 === count) await write(figures);
    tell("images", i + 1 - before, count - before);
  }
}

/** Those of the same weights, or none. */
async function readFigures(path: string, weights: string): Promise<Figures> {
  const stored = existsSync(path) ? await readJson(path, FiguresSchema) : undefined;
  return stored?.weights === weights ? stored : { weights, nll: [], negativeElbo: [] };
}
