// npm run train: options to a configuration, checked against what the run folder holds, then the training.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import type { ModelSpec } from "../../shared/model.ts";
import { changeSpec } from "../../shared/presets.ts";
import { BACKEND_CHOICES, selectBackend } from "../backend/registry.ts";
import { trainPrior } from "../codes/train-prior.ts";
import { defineCommand, flagOf, type Options } from "../command-line.ts";
import { type TrainingConfig, TrainingConfigSchema, trainingFields } from "../config.ts";
import { dataSource, loadDataset } from "../dataset.ts";
import { RunError } from "../errors.ts";
import { createProgress } from "../progress.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, train } from "../train.ts";

const fields = {
  ...trainingFields,
  backend: v.pipe(
    v.optional(v.picklist(BACKEND_CHOICES), "auto"),
    v.description("tfjs backend; auto takes the fastest that loads"),
  ),
  out: v.pipe(v.optional(v.string()), v.description("run folder (default runs/<preset>)")),
  resume: v.pipe(
    v.optional(v.boolean(), false),
    v.description("go on from the run folder's last checkpoint, with its configuration"),
  ),
};

export const trainCommand = defineCommand({
  name: "train",
  summary: "Train a variational autoencoder on MNIST into a run folder.",
  usage: "npm run train --",
  examples: [
    "npm run train -- --preset cnn",
    "npm run train -- --preset smoke --limit 2000 --epochs 2 --out runs/try",
    "npm run train -- --preset cnn --resume --epochs 40",
    "npm run train -- --preset mlp --latent 16 --hidden 512 --epochs 40 --out runs/plan",
    "npm run train -- --preset cnn --beta 4 --warmup 10 --patience 5 --augment --out runs/beta",
  ],
  fields,
  positionals: [],
  run: async (options) => {
    const folder = options.values.out ?? `runs/${options.values.preset}`;
    const config = await configFor(folder, options);
    const backend = await selectBackend(options.values.backend);
    console.log(`${folder}: ${JSON.stringify({ ...config, spec: undefined, backend })}`);
    const images = await loadDataset(dataSource(config.data), "train");
    process.once("SIGINT", () => {
      console.error(
        `\nstopped; "npm run train -- --out ${folder} --resume" goes on from the last whole epoch`,
      );
      process.exit(130);
    });
    const run = { config, folder, backend, images, progress: createProgress(process.stderr) };
    const history = await train({ ...run, resume: options.values.resume });
    if (config.spec.codes) await trainPrior(run);
    console.log(
      `${folder} has ${history.length} epochs; look at losses.svg and epochs/ there, ` +
        `then publish it with "npm run release -- ${folder}"`,
    );
  },
});

/** What --resume may change. */
const EXTENSIBLE: ReadonlySet<string> = new Set(["epochs", "priorEpochs"]);

/** The configuration to train: from the options, or with --resume from the folder, which options may not contradict. */
async function configFor(folder: string, { values, given }: Options<typeof fields>): Promise<TrainingConfig> {
  const { backend: _, out, resume, ...training } = values;
  const hasCheckpoint = existsSync(`${folder}/${CHECKPOINT_FILE}`);
  if (!resume) {
    if (hasCheckpoint) {
      throw new RunError(
        `${folder} already holds a run; go on with it by --resume, or name another folder with --out`,
      );
    }
    return v.parse(TrainingConfigSchema, { ...training, spec: specFor(training) });
  }
  if (!hasCheckpoint) throw new RunError(`${folder} holds no checkpoint to resume`);
  const stored = await readConfig(folder);
  for (const key of Object.keys(trainingFields) as (keyof typeof trainingFields)[]) {
    if (given.has(key) && !EXTENSIBLE.has(key) && !isDeepStrictEqual(values[key], stored[key])) {
      throw new RunError(
        `--${flagOf(key)} ${values[key]} contradicts ${folder}, which was started with ${stored[key]}; ` +
          "leave it out, or start another run",
      );
    }
  }
  return {
    ...stored,
    ...(given.has("epochs") && { epochs: values.epochs }),
    ...(given.has("priorEpochs") && { priorEpochs: values.priorEpochs }),
  };
}

function specFor({
  preset,
  latent,
  hidden,
}: Pick<TrainingConfig, "preset" | "latent" | "hidden">): ModelSpec {
  return changeSpec(preset, { latentDim: latent, hidden: hidden?.split("-").map(Number) });
}

/**
 * The configuration that a run folder was started with.
 * @throws RunError
 */
export async function readConfig(folder: string): Promise<TrainingConfig> {
  const path = `${folder}/${CONFIG_FILE}`;
  try {
    return v.parse(TrainingConfigSchema, JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new RunError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
