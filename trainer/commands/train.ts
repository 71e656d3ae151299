// npm run train: options to a configuration, checked against what the run folder holds, then the training.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { type ModelSpec, ModelSpecSchema } from "../../shared/model.ts";
import { changeSpec } from "../../shared/presets.ts";
import { BACKEND_CHOICES, releaseBackend, selectBackend } from "../backend/registry.ts";
import { backendFor, checkCodesBackend } from "../codes/backends.ts";
import { trainPrior } from "../codes/train-prior.ts";
import { defineCommand, flagOf, type Options } from "../command-line.ts";
import { type TrainingConfig, TrainingConfigSchema, trainingFields } from "../config.ts";
import { dataSource, loadDataset } from "../dataset.ts";
import { RunError } from "../errors.ts";
import { createProgress } from "../progress.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, train } from "../train.ts";

const fields = {
  ...trainingFields,
  config: v.pipe(
    v.optional(v.string()),
    v.description(
      "JSON file with these options, such as another run's config.json; options given beside it win",
    ),
  ),
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
    "npm run train -- --config runs/beta/config.json --seed 1 --out runs/beta-1",
  ],
  fields,
  positionals: [],
  run: async (options) => {
    const folder = options.values.out ?? `runs/${options.values.preset}`;
    const config = await configFor(folder, options);
    checkMeaning(config, options.given);
    const choice = backendFor(config.spec, options.values.backend);
    checkCodesBackend(config.spec, choice);
    const backend = await selectBackend(choice);
    console.log(`${folder}: ${JSON.stringify({ ...config, spec: undefined, backend })}`);
    const images = await loadDataset(dataSource(config.data), "train");
    process.once("SIGINT", () => {
      console.error(
        `\nstopped; "npm run train -- --out ${folder} --resume" goes on from the last whole epoch`,
      );
      process.exit(130);
    });
    const run = { config, folder, backend, images, progress: createProgress(process.stderr) };
    const stages = async () => {
      const epochs = await train({ ...run, resume: options.values.resume });
      if (config.spec.codes) await trainPrior(run);
      return epochs;
    };
    const history = await stages().finally(releaseBackend);
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
  const { backend: _, out, resume, config: file, ...training } = values;
  const hasCheckpoint = existsSync(`${folder}/${CHECKPOINT_FILE}`);
  if (!resume) {
    if (hasCheckpoint) {
      throw new RunError(
        `${folder} already holds a run; go on with it by --resume, or name another folder with --out`,
      );
    }
    if (file !== undefined) return configFromFile(file, training, given);
    return v.parse(TrainingConfigSchema, { ...training, spec: specFor(training) });
  }
  if (file !== undefined)
    throw new RunError(`--resume goes on with the configuration of ${folder}; leave out --config`);
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

/** Refuses what would do nothing, or not what it says. */
function checkMeaning({ spec, binarise, preset }: TrainingConfig, given: ReadonlySet<string>): void {
  const ofCodes = [...given].find((key) => key.startsWith("prior"));
  if (!spec.codes && ofCodes !== undefined) {
    throw new RunError(
      `--${flagOf(ofCodes)} is of models with codes, such as --preset vq; ${preset} has none`,
    );
  }
  if (spec.codes && binarise) {
    throw new RunError(
      `--binarise trains no model with codes: the prior would learn the codes of grey images`,
    );
  }
}

/** A file's configuration, changed by the options that were given. Its spec stands for preset, latent and hidden. */
async function configFromFile(
  path: string,
  options: Omit<TrainingConfig, "spec">,
  given: ReadonlySet<string>,
): Promise<TrainingConfig> {
  const file = await readJson(path, v.strictObject({ ...trainingFields, spec: v.optional(ModelSpecSchema) }));
  const changed = (Object.keys(trainingFields) as (keyof typeof trainingFields)[]).filter((key) =>
    given.has(key),
  );
  const merged = { ...file, ...Object.fromEntries(changed.map((key) => [key, options[key]])) };
  const shaping = changed.find((key) => key === "preset" || key === "latent" || key === "hidden");
  if (file.spec && shaping) {
    throw new RunError(
      `--${shaping} contradicts ${path}, whose "spec" says the architecture; remove one of them`,
    );
  }
  return v.parse(TrainingConfigSchema, { ...merged, spec: file.spec ?? specFor(merged) });
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
  return readJson(`${folder}/${CONFIG_FILE}`, TrainingConfigSchema);
}

async function readJson<S extends v.GenericSchema>(path: string, schema: S): Promise<v.InferOutput<S>> {
  try {
    return v.parse(schema, JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    const place = cause instanceof v.ValiError ? `${v.getDotPath(cause.issues[0]) ?? "document"}: ` : "";
    throw new RunError(`cannot read ${path}: ${place}${(cause as Error).message}`, { cause });
  }
}
