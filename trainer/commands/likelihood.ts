// npm run likelihood: trains a model of binarised digits for its likelihood (trainer/likelihood/).

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type BackendName, releaseBackend, selectBackend } from "../backend/registry.ts";
import { checkEnough, dataSource, digestsOf, loadDataset } from "../data/dataset.ts";
import { RunError } from "../errors.ts";
import { type LikelihoodConfig, LikelihoodConfigSchema, likelihoodFields } from "../likelihood/config.ts";
import { trainLikelihood } from "../likelihood/train.ts";
import { flag, flagOf, option } from "../options.ts";
import { quotePath } from "../shell-quote.ts";
import { type Checkpoint, readCheckpoint } from "../train/checkpoint.ts";
import { createProgress } from "../train/progress.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, checkRunData, readJson } from "../train/run-folder.ts";
import { lockFolder } from "../train/run-lock.ts";
import { defineCommand, type Options } from "./command-line.ts";

/** Those that compute the model's gradients. */
export const LIKELIHOOD_BACKENDS = [
  "tensorflow-gpu",
  "tensorflow",
  "wasm",
  "cpu",
] as const satisfies BackendName[];

/** The option of both commands. */
export const backendOption = option(
  v.picklist(["auto", ...LIKELIHOOD_BACKENDS]),
  "tfjs backend; auto takes the fastest that loads",
  "auto",
);

const fields = {
  ...likelihoodFields,
  backend: backendOption,
  out: option(v.string(), "run folder", "runs/likelihood"),
  resume: flag("continue from the run folder's last checkpoint, with its configuration"),
};

export const likelihoodCommand = defineCommand({
  name: "likelihood",
  summary:
    "Train a VAE with a local autoregressive decoder and a learned prior on dynamically binarised MNIST, for its " +
    "likelihood. It is not served; npm run likelihood:evaluate measures it.",
  examples: [
    "npm run likelihood",
    "npm run likelihood -- --resume --epochs 30",
    "npm run likelihood -- --limit 1000 --epochs 2 --latent 8 --channels 8 --out runs/try",
  ],
  fields,
  run: async (options) => {
    const { out: folder, resume, backend: choice } = options.values;
    const config = await configFor(options);
    const source = dataSource(config.data);
    const images = await loadDataset(source, "train");
    checkEnough(images, await loadDataset(source, "t10k"), config);
    const digests = await digestsOf(source);
    const checkpoint: Checkpoint | undefined = resume
      ? await readCheckpoint(join(folder, CHECKPOINT_FILE))
      : undefined;
    const computedBy = checkpoint?.backend as BackendName | undefined;
    const backend = await selectBackend(
      choice === "auto" ? (computedBy ?? choice) : choice,
      LIKELIHOOD_BACKENDS,
    );
    try {
      const unlock = await lockFolder(folder);
      try {
        if (checkpoint) checkContinues(folder, checkpoint, backend, config);
        if (resume) await checkRunData(folder, digests);
        console.log(`${folder}: ${JSON.stringify({ ...config, backend })}`);
        const progress = createProgress(process.stderr);
        const history = await trainLikelihood({ config, folder, backend, images, digests, resume, progress });
        console.log(
          `${folder} has ${history.length} epochs; look at losses.svg there, then measure it with ` +
            `"npm run likelihood:evaluate -- ${quotePath(folder)}"`,
        );
      } finally {
        await unlock();
      }
    } finally {
      releaseBackend();
    }
  },
});

/** The configuration to train: from the options, or with --resume the folder's, with as many epochs as are asked for. */
async function configFor({ values, given }: Options<typeof fields>): Promise<LikelihoodConfig> {
  const { backend: _, out: folder, resume, ...chosen } = values;
  const hasRun = existsSync(join(folder, CHECKPOINT_FILE));
  if (!resume) {
    if (!hasRun) return chosen;
    throw new RunError(
      `${folder} already contains a run; continue it with --resume, or choose another folder with --out`,
    );
  }
  if (!hasRun) throw new RunError(`${folder} holds no checkpoint to resume`);
  const stored = await readLikelihoodConfig(folder);
  for (const key of Object.keys(likelihoodFields) as (keyof LikelihoodConfig)[]) {
    if (key === "epochs" || !given.has(key) || chosen[key] === stored[key]) continue;
    throw new RunError(
      `--${flagOf(key)} ${chosen[key]} contradicts ${folder}, which was started with ${stored[key]}; omit it, or start ` +
        "another run",
    );
  }
  return given.has("epochs") ? { ...stored, epochs: chosen.epochs } : stored;
}

/** @throws RunError where a folder holds no such run */
export function readLikelihoodConfig(folder: string): Promise<LikelihoodConfig> {
  return readJson(join(folder, CONFIG_FILE), LikelihoodConfigSchema);
}

function checkContinues(
  folder: string,
  { backend: computedBy, history }: Checkpoint,
  backend: string,
  { epochs }: LikelihoodConfig,
): void {
  if (computedBy !== backend) {
    throw new RunError(
      `${folder} was computed by the ${computedBy} backend, this one is ${backend}; resume with --backend ${computedBy}`,
    );
  }
  if (epochs < history.length) {
    throw new RunError(`--epochs ${epochs}: ${folder} has done ${history.length} epochs already`);
  }
}
