// npm run train: turns options into a configuration, checks it against the run folder, and trains.

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { EdgeDigitsError, SpecError } from "../../shared/errors.ts";
import { planDecoder, planEncoder } from "../../shared/model/plan.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { ModelSpecSchema } from "../../shared/model/stored-spec.ts";
import { BACKEND_CHOICES, type BackendName, releaseBackend, selectBackend } from "../backend/registry.ts";
import { checkEnough, dataSource, digestsOf, loadDataset } from "../data/dataset.ts";
import { RunError, UsageError } from "../errors.ts";
import { checkBackend, trainedBy } from "../latent/backends.ts";
import { kindOf, STAGE_FILES } from "../latent/kind.ts";
import { likelihoodOf } from "../model/likelihood.ts";
import { objectiveOf } from "../objectives/objectives.ts";
import { flag, flagOf, option, wholeNumber } from "../options.ts";
import { createParallel } from "../parallel/parallel.ts";
import { quotePath } from "../shell-quote.ts";
import { readCheckpoint } from "../train/checkpoint.ts";
import {
  completeConfig,
  isDefault,
  meaningfulConfig,
  optionNames,
  shapingOptions,
  specOf,
  type TrainingConfig,
  trainingFields,
  whyMeaningless,
} from "../train/config.ts";
import { createProgress } from "../train/progress.ts";
import { CHECKPOINT_FILE, DATA_FILE, readConfig, readJson, resumeCommand } from "../train/run-folder.ts";
import { lockFolder } from "../train/run-lock.ts";
import { train } from "../train/train.ts";
import { defineCommand, type Options, parseCommand } from "./command-line.ts";

const fields = {
  ...trainingFields,
  config: option(
    v.string(),
    "JSON file with these options, such as another run's config.json; options on the command line win",
  ),
  backend: option(v.picklist(BACKEND_CHOICES), "tfjs backend; auto takes the fastest that loads", "auto"),
  threads: option(
    wholeNumber(1, 64),
    "threads of backend wasm, by default one for each core; results do not depend on it",
    availableParallelism(),
  ),
  out: option(v.string(), "run folder (default runs/<preset>)"),
  resume: flag("continue from the run folder's last checkpoint, with its configuration"),
};

export const trainCommand = defineCommand({
  name: "train",
  summary: "Train a variational autoencoder on MNIST into a run folder.",
  examples: [
    "npm run train -- --preset cnn",
    "npm run train -- --preset smoke --limit 2000 --epochs 2 --out runs/try",
    "npm run train -- --preset cnn --resume --epochs 40",
    "npm run train -- --preset mlp --latent 16 --hidden 512 --epochs 40 --out runs/plan",
    "npm run train -- --preset cnn --beta 4 --warmup 10 --patience 5 --augment --out runs/beta",
    "npm run train -- --config runs/beta/config.json --seed 1 --out runs/beta-1",
  ],
  fields,
  run: async (options) => {
    const { resume } = options.values;
    const folder = options.values.out ?? `runs/${options.values.preset}`;
    const config = await configFor(folder, options);
    checkMeaning(config, options.given);
    const kind = kindOf(config.spec);
    const choice =
      resume && options.values.backend === "auto" ? await backendOf(folder) : options.values.backend;
    const trained = trainedBy(kind, config);
    if (choice !== "auto") checkBackend(trained, choice);
    const source = dataSource(config.data);
    const images = await loadDataset(source, "train");
    checkEnough(images, await loadDataset(source, "t10k"), config);
    const digests = await digestsOf(source);
    const backend = await selectBackend(choice, trained.backends);
    const unlock = await lockFolder(folder).catch((error) => {
      releaseBackend();
      throw error;
    });
    const onInterrupt = () => {
      const canResume = existsSync(join(folder, CHECKPOINT_FILE));
      console.error(
        canResume
          ? `\nstopped; "${resumeCommand(folder)}" continues from the last complete epoch`
          : `\nstopped before ${folder} had a complete epoch; the same command starts it again`,
      );
      releaseBackend();
      process.exit(130);
    };
    process.once("SIGINT", onInterrupt);
    try {
      if (!resume) checkUnused(folder);
      if (resume && !existsSync(join(folder, DATA_FILE))) {
        console.log(`${folder} has no ${DATA_FILE} yet: it continues with the present data`);
      }
      console.log(
        `${folder}: ${JSON.stringify({ ...meaningfulConfig(config, kind), spec: undefined, backend })}`,
      );
      const progress = createProgress(process.stderr);
      const parallel = createParallel(options.values.threads);
      const run = { config, kind, folder, backend, images, digests, resume, progress, parallel };
      const history = await train(run);
      for (const stage of kind.stages) await stage.train(run);
      console.log(
        `${folder} has ${history.length} epochs; look at losses.svg and epochs/ there, ` +
          `then publish it with "npm run release -- ${quotePath(folder)}"`,
      );
    } finally {
      process.off("SIGINT", onInterrupt);
      releaseBackend();
      await unlock();
    }
  },
});

/** The configuration of a new run by its options, such as --preset and cnn. @throws UsageError, RunError */
export async function configOf(args: readonly string[], folder: string): Promise<TrainingConfig> {
  const { options } = parseCommand({ ...trainCommand, fields }, args);
  const config = await configFor(folder, options);
  checkMeaning(config, options.given);
  return config;
}

/** The configuration to train: from the options, or with --resume the folder's, changed by the given options. */
async function configFor(folder: string, { values, given }: Options<typeof fields>): Promise<TrainingConfig> {
  const { backend: _, threads: __, out, resume, config: file, ...training } = values;
  if (!resume) {
    checkUnused(folder);
    const chosen = pick(training, given);
    return file === undefined ? complete(chosen) : configFromFile(file, chosen);
  }
  if (file !== undefined)
    throw new RunError(`--resume continues with the configuration of ${folder}; omit --config`);
  if (!existsSync(join(folder, CHECKPOINT_FILE)))
    throw new RunError(`${folder} holds no checkpoint to resume`);
  return { ...(await readConfig(folder)), ...pick(training, given) };
}

/** That computed a run so far, with which alone it can continue. */
async function backendOf(folder: string): Promise<BackendName> {
  return (await readCheckpoint(join(folder, CHECKPOINT_FILE))).backend as BackendName;
}

/** @throws RunError if a folder contains a run or remains of one */
function checkUnused(folder: string): void {
  const file = [CHECKPOINT_FILE, ...STAGE_FILES].find((name) => existsSync(join(folder, name)));
  if (file === undefined) return;
  throw new RunError(
    `${folder} already contains a run (${file}); continue it with --resume, or choose another folder with --out`,
  );
}

/** Refuses options without effect, or with another effect than documented. */
function checkMeaning(config: TrainingConfig, given: ReadonlySet<string>): void {
  const kind = kindOf(config.spec);
  for (const option of optionNames) {
    const why = whyMeaningless(option, config, kind);
    if (!why || !(given.has(option) || (!isDefault(config, option, kind) && !given.has("resume")))) continue;
    throw new UsageError(`--${flagOf(option)} does not apply to ${config.preset}: ${why}`);
  }
  if (given.has("resume")) return;
  const { spec, objective } = config;
  const { adapt } = objectiveOf(config);
  if ((adapt !== undefined) !== (spec.latent.kind === "conditional")) {
    throw new UsageError(
      `--objective ${objective} does not train the "spec" of --config, whose latent is ${spec.latent.kind}`,
    );
  }
  const { warmup, beta, epochs, binarise, likelihood } = config;
  if (binarise && likelihoodOf(config).isOfGrey) {
    throw new UsageError(
      `--likelihood ${likelihood} is of grey pixels, --binarise leaves none; omit one of them`,
    );
  }
  if (warmup > 0 && beta === 0) throw new UsageError(`--warmup ${warmup} has no effect with --beta 0`);
  if (warmup >= epochs) {
    throw new UsageError(
      `--warmup ${warmup} is not over within --epochs ${epochs}: the KL would never have its full weight`,
    );
  }
}

/** What was chosen, with the defaults of the kind of latent for the rest. */
function complete(chosen: Partial<TrainingConfig>): TrainingConfig {
  const spec = chosen.spec ?? specFor(chosen);
  return completeConfig(chosen, spec, kindOf(spec));
}

/** A file's configuration, changed by the given options. Its spec replaces the options that determine the architecture. */
async function configFromFile(path: string, chosen: Partial<TrainingConfig>): Promise<TrainingConfig> {
  const file = await readJson(path, v.strictObject({ ...trainingFields, spec: v.optional(ModelSpecSchema) }));
  const shaping = shapingOptions.find((key) => key in chosen);
  if (file.spec && shaping) {
    throw new UsageError(
      `--${flagOf(shaping)} contradicts ${path}, whose "spec" defines the architecture; remove one of them`,
    );
  }
  // What the file says, without what its schema adds.
  const written = new Set(Object.keys(await readJson(path, v.looseObject({}))));
  const { spec } = file;
  if (spec) asUsageError(`--config ${path}: spec`, () => checkSpec(spec));
  return complete({ ...pick(file, written), ...(spec && { spec }), ...chosen });
}

function pick(options: Omit<TrainingConfig, "spec">, given: ReadonlySet<string>): Partial<TrainingConfig> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => given.has(key)));
}

/** @throws UsageError naming the options that do not form a valid model */
function specFor({
  preset = v.getDefault(trainingFields.preset),
  ...chosen
}: Partial<TrainingConfig>): ModelSpec {
  const shaping = shapingOptions.flatMap((key) =>
    key === "preset" || chosen[key] === undefined ? [] : [`--${flagOf(key)} ${chosen[key]}`],
  );
  return asUsageError(shaping.join(" "), () => {
    const spec = specOf({ ...chosen, preset });
    checkSpec(spec);
    return spec;
  });
}

/** @throws SpecError where an architecture is invalid */
function checkSpec(spec: ModelSpec): void {
  const { issues } = v.safeParse(ModelSpecSchema, spec);
  if (issues) throw new SpecError(`${v.getDotPath(issues[0])}: ${issues[0].message}`);
  planEncoder(spec);
  planDecoder(spec);
  kindOf(spec).weights(spec);
}

function asUsageError<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof EdgeDigitsError)) throw cause;
    throw new UsageError(`${what}: ${cause.message}`, { cause });
  }
}
