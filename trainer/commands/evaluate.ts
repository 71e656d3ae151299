// npm run evaluate: a run, with its float and its quantized weights, or one release before the test images, through the
// engine that serves.

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { planPrior } from "../../shared/codes/plan.ts";
import { SAMPLER_FILE } from "../../shared/mixture.ts";
import { type ModelSpec, planDecoder, planEncoder } from "../../shared/model.ts";
import {
  CARD_FILE,
  CODES_FILES,
  NETWORK_FILES,
  readCodes,
  readMixture,
  readNetwork,
} from "../../shared/release.ts";
import { dequantize, type StoredWeights, storedTensor, type Weights } from "../../shared/weights.ts";
import { assembleRelease } from "../assemble.ts";
import { selectBackend } from "../backend/registry.ts";
import { finalWeights, readCheckpoint } from "../checkpoint.ts";
import { readCodeVersion } from "../code-version.ts";
import { readFloatCodes } from "../codes/pack.ts";
import { defineCommand } from "../command-line.ts";
import { dataSource, digestsOf } from "../dataset.ts";
import { RunError } from "../errors.ts";
import { evaluateModel, loadTestSet, type Subject } from "../evaluate/evaluate.ts";
import {
  EVALUATION_FILE,
  type Evaluation,
  type Judgement,
  type ModelMetrics,
} from "../evaluate/evaluation.ts";
import { createTasks, formatLoss } from "../progress.ts";
import { readReleaseFolder } from "../publish.ts";
import { replaceFile } from "../replace-file.ts";
import { CHECKPOINT_FILE, CONFIG_FILE, checkData, type DataDigests, readConfig } from "../run-folder.ts";
import { findRelease } from "../run-release.ts";

export const evaluateCommand = defineCommand({
  name: "evaluate",
  summary:
    "Judge a run (its float and its quantized weights) or a release on the test images: loss, latent space, and " +
    `what it draws before a classifier. A run's figures go into ${EVALUATION_FILE} in its folder.`,
  usage: "npm run evaluate -- RUN_OR_RELEASE",
  examples: [
    "npm run evaluate -- runs/cnn",
    "npm run evaluate -- runs/binarised --samples 200",
    "npm run evaluate -- models/cnn/VERSION",
  ],
  fields: {
    samples: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(5000)), 0),
      v.description("importance samples per image for the tighter bound; 0 leaves it out"),
    ),
  },
  positionals: ["RUN_OR_RELEASE"],
  run: async ({ values: { samples } }, [folder]) => {
    const isRun = existsSync(join(folder!, CONFIG_FILE));
    if (!isRun && !existsSync(join(folder!, CARD_FILE))) {
      throw new RunError(
        `${folder} is no run (it has no ${CONFIG_FILE}) and no release (it has no ${CARD_FILE})`,
      );
    }
    const tasks = createTasks(process.stderr);
    try {
      const subjects = isRun
        ? await readRun(folder!, tasks.show)
        : await subjectsOf(await readReleaseFolder(folder!));
      if (samples > 0 && subjects.quantized.codes) {
        throw new RunError(
          `--samples is of models with a Gaussian latent; ${folder} has codes, leave it out`,
        );
      }
      const source = dataSource(subjects.data);
      checkData(folder!, subjects.digests, await digestsOf(source));
      // Large matrix products, which wasm does best.
      await selectBackend("wasm");
      const testSet = await loadTestSet(source, {
        isBinarised: subjects.isBinarised,
        onProgress: tasks.show,
      });
      const judge = (name: string, subject: Subject) =>
        evaluateModel(subject, testSet, { samples, onProgress: (task) => tasks.show(`${name}: ${task}`) });
      const evaluation: Evaluation = {
        schema: 1,
        epochs: subjects.epochs,
        ...(subjects.priorEpochs !== undefined && { priorEpochs: subjects.priorEpochs }),
        data: source.name,
        testImages: testSet.test.count,
        ...(testSet.floor && { floor: testSet.floor }),
        ...(subjects.float && { float: await judge("float weights", subjects.float) }),
        quantized: await judge("quantized weights", subjects.quantized),
      };
      tasks.stop();
      console.log(formatEvaluation(folder!, subjects.quantized.spec.latentDim, evaluation));
      if (isRun) {
        await replaceFile(join(folder!, EVALUATION_FILE), `${JSON.stringify(evaluation, null, 2)}\n`);
      }
    } finally {
      tasks.stop();
    }
  },
});

interface Subjects {
  readonly epochs: number;
  readonly priorEpochs?: number | undefined;
  readonly data: string;
  /** Of the files of `data`. */
  readonly digests: DataDigests;
  readonly isBinarised: boolean;
  readonly float?: Subject;
  readonly quantized: Subject;
}

/** Both sets of weights of a run; its release is made where the run has none of its last epoch yet. */
async function readRun(run: string, onProgress: (task: string) => void): Promise<Subjects> {
  const config = await readConfig(run);
  const checkpoint = await readCheckpoint(join(run, CHECKPOINT_FILE));
  const code = readCodeVersion();
  let release = await findRelease(run, config, checkpoint.history, code);
  if (!release) {
    const { folder } = await assembleRelease({
      run,
      config,
      name: config.preset,
      ...code,
      gate: () => {},
      onProgress: (task, done, total) => onProgress(`${task} ${done}/${total}`),
    });
    release = await readReleaseFolder(folder);
  }
  const { quantized, ...rest } = await subjectsOf(release);
  const weights = finalWeights(checkpoint);
  const codes = quantized.codes && (await floatCodes(run, config.spec, weights, quantized.codes));
  return { ...rest, float: { ...quantized, encoder: weights, decoder: weights, codes }, quantized };
}

/** With the digits' shares that its release learned. */
async function floatCodes(run: string, spec: ModelSpec, tensors: Weights, released: StoredWeights) {
  const shares = dequantize(storedTensor(released, planPrior(spec).digits));
  return (await readFloatCodes(run, spec, tensors, shares)).weights;
}

async function subjectsOf({ card, files }: Awaited<ReturnType<typeof readReleaseFolder>>): Promise<Subjects> {
  const { spec, training } = card;
  const network = (name: "encoder" | "decoder") => {
    const { model, weights } = NETWORK_FILES[name];
    const plan = name === "encoder" ? planEncoder(spec) : planDecoder(spec);
    return readNetwork(card, name, plan, { model: files.get(model)!, weights: files.get(weights)! });
  };
  return {
    epochs: card.history.length,
    priorEpochs: card.prior?.length,
    data: typeof training.data === "string" ? training.data : "mnist",
    digests: card.data.files,
    isBinarised: training.binarise === true,
    quantized: {
      spec,
      encoder: await network("encoder"),
      decoder: await network("decoder"),
      mixture: await readMixture(card, files.get(SAMPLER_FILE)),
      codes: await readCodes(card, {
        model: files.get(CODES_FILES.model),
        weights: files.get(CODES_FILES.weights),
      }),
    },
  };
}

function formatEvaluation(
  folder: string,
  latentDim: number,
  { testImages, floor, ...models }: Evaluation,
): string {
  const lines = [`${folder}, ${testImages} test images`];
  for (const [name, metrics] of [
    ["float weights", models.float],
    ["quantized weights", models.quantized],
  ] as const) {
    if (metrics) lines.push("", name, ...formatMetrics(metrics, latentDim, floor?.training));
  }
  return lines.join("\n");
}

function formatMetrics(metrics: ModelMetrics, latentDim: number, floor: Judgement | undefined): string[] {
  const { loss, bound, activeUnits, knnAccuracy, codes, failure, draws } = metrics;
  const lines = [`  loss                 ${formatLoss(loss)}`];
  if (bound) {
    const name = bound.isNll ? "NLL" : "bound";
    lines.push(`  ${`${name}, ${bound.samples} samples`.padEnd(20)} ${bound.nats.toFixed(2)} nats`);
  }
  if (activeUnits !== undefined) lines.push(`  active units         ${activeUnits} of ${latentDim}`);
  if (knnAccuracy !== undefined) lines.push(`  k-NN of test means   ${percent(knnAccuracy)}`);
  if (codes) {
    lines.push(`  codes                ${codes.bits.toFixed(1)} bits per image, given the digit`);
    lines.push(
      `  codes in use         ${codes.used} of ${codes.size}, perplexity ${codes.perplexity.toFixed(1)}`,
    );
  }
  if (failure) lines.push(`  failure              ${failure}`);
  if (draws && floor) {
    lines.push("                        Fréchet  precision  recall  sharpness  class accuracy");
    lines.push(formatRow("training images", floor), formatRow("reconstructions", draws.reconstructions));
    lines.push(formatRow(codes ? "prior, digit=" : "N(0, I)", draws.prior));
    for (const { temperature, judgement } of draws.cooler ?? []) {
      lines.push(formatRow(`prior, temp. ${temperature}`, judgement));
    }
    if (draws.mixture) lines.push(formatRow("mixture, digit=", draws.mixture));
  }
  return lines;
}

function formatRow(
  name: string,
  { frechet, precision, recall, sharpness, classAccuracy }: Judgement,
): string {
  return (
    `  ${name.padEnd(21)}` +
    frechet.toFixed(3).padStart(8) +
    precision.toFixed(3).padStart(11) +
    recall.toFixed(3).padStart(8) +
    (sharpness?.toFixed(2) ?? "").padStart(11) +
    (classAccuracy === undefined ? "" : percent(classAccuracy).padStart(16))
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
