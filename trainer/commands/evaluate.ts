// npm run evaluate: scores a run, with its float and its quantized weights, or one release on held-out images, by the
// serving engine.

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { fromMemory, openLatent, openRelease, readNetwork } from "../../shared/release/open.ts";
import { CARD_FILE } from "../../shared/release/release.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import { selectBackend } from "../backend/registry.ts";
import { dataSource, digestsOf } from "../data/dataset.ts";
import { RunError } from "../errors.ts";
import { LEARNED_SETS, type LearnedSet, scoreAccuracy } from "../evaluate/accuracy-score.ts";
import { evaluateModel } from "../evaluate/evaluate-model.ts";
import {
  EVALUATION_FILE,
  EVALUATION_SCHEMA,
  type Evaluation,
  SPLITS,
  writeEvaluation,
} from "../evaluate/evaluation.ts";
import { type EvaluationSet, loadEvaluationSet, type Subject } from "../evaluate/evaluation-set.ts";
import { realismOf } from "../evaluate/realism.ts";
import { formatEvaluation } from "../evaluate/table.ts";
import type { TwoSampleCounts } from "../evaluate/two-sample.ts";
import { kindOf } from "../latent/kind.ts";
import { epochCounts } from "../latent/stages.ts";
import { objectiveOf } from "../objectives/objectives.ts";
import { flag, option, wholeNumber } from "../options.ts";
import { readReleaseFolder } from "../publish/publish.ts";
import { assembleRelease } from "../release/assemble.ts";
import { readCodeVersion } from "../release/code-version.ts";
import { findRelease } from "../release/find.ts";
import { trainingFields } from "../train/config.ts";
import { openRun } from "../train/open-run.ts";
import { CONFIG_FILE, checkData } from "../train/run-folder.ts";
import { countDown, createTasks } from "../train/tasks.ts";
import { defineCommand } from "./command-line.ts";

export const evaluateCommand = defineCommand({
  name: "evaluate",
  summary:
    "Evaluate a run (its float and its quantized weights) or a release on validation or test images: loss, latent space, " +
    `and what it draws, scored by a classifier. A run's figures go into ${EVALUATION_FILE} in its folder.`,
  examples: [
    "npm run evaluate -- runs/cnn",
    "npm run evaluate -- runs/binarised --samples 200",
    "npm run evaluate -- models/cnn/VERSION --on test",
    "npm run evaluate -- models/digits/VERSION --accuracy-score drawn",
  ],
  fields: {
    on: option(
      v.picklist(SPLITS),
      "images: validation for making choices, test for the figures of what was chosen",
      "validation",
    ),
    twoSample: flag(
      "also train networks to tell drawn digits from real ones (classifier two-sample test), and real ones from each " +
        "other to compare with; adds about 20 minutes on validation images, 25 on test images",
    ),
    samples: option(
      wholeNumber(0, 5000),
      "importance samples per image for the tighter bound; 0 leaves it out",
      0,
    ),
    accuracyScore: option(
      v.picklist(LEARNED_SETS),
      "instead of all that: train a classifier on as many drawn images as MNIST has, on MNIST's own, or on both, and report " +
        "its accuracy on the test images (Ravuri & Vinyals 2019); about 8 minutes on an idle core, 16 for both",
    ),
  },
  positionals: ["RUN_OR_RELEASE"],
  run: async ({ values: { on, samples, twoSample, accuracyScore } }, [folder]) => {
    const isRun = existsSync(join(folder!, CONFIG_FILE));
    if (!isRun && !existsSync(join(folder!, CARD_FILE))) {
      throw new RunError(`${folder} is neither a run (no ${CONFIG_FILE}) nor a release (no ${CARD_FILE})`);
    }
    if (accuracyScore) return tellAccuracyScore(folder!, accuracyScore, isRun);
    const tasks = createTasks(process.stderr);
    try {
      const subjects: Subjects = isRun
        ? await readRun(folder!, tasks.show)
        : await subjectsOf(await readReleaseFolder(folder!));
      const kind = kindOf(subjects.quantized.spec);
      const { isDeterministic } = objectiveOf(subjects.training);
      const noSamples =
        kind.meaningless.samples ?? (isDeterministic ? "latents without noise have no density" : undefined);
      if (samples > 0 && noSamples) {
        const model = isDeterministic ? `by ${subjects.training.objective}` : kind.described;
        throw new RunError(
          `--samples does not apply to models ${model}, such as ${folder}: ${noSamples}; omit it`,
        );
      }
      const source = dataSource(subjects.training.data);
      checkData(folder!, subjects.digests, await digestsOf(source));
      // Large matrix products are fastest on wasm.
      await selectBackend("wasm");
      const set = await loadEvaluationSet(source, on, subjects.training, tasks.show);
      const { baseline } = set;
      const counts = twoSample ? TWO_SAMPLE_COUNTS[on] : undefined;
      if (counts) checkCounts(counts, set);
      const optionsFor = (name: string) => ({
        samples,
        twoSample: counts,
        onProgress: (task: string) => tasks.show(`${name}: ${task}`),
      });
      const evaluation: Evaluation = {
        schema: EVALUATION_SCHEMA,
        epochs: subjects.epochs,
        stageEpochs: subjects.stageEpochs,
        data: source.name,
        on,
        images: set.labels.length,
        ...(baseline && {
          floor: baseline.floor,
          realism: await realismOf(
            baseline.real.evaluated,
            baseline.real,
            optionsFor("real images"),
            baseline.real.others,
          ),
        }),
        ...(subjects.float && {
          float: await evaluateModel(subjects.float, set, optionsFor("float weights")),
        }),
        quantized: await evaluateModel(subjects.quantized, set, {
          ...optionsFor("quantized weights"),
          isServed: true,
        }),
      };
      tasks.stop();
      console.log(formatEvaluation(folder!, evaluation));
      if (isRun) await writeEvaluation(folder!, evaluation);
    } finally {
      tasks.stop();
    }
  },
});

async function tellAccuracyScore(folder: string, learned: LearnedSet, isRun: boolean): Promise<void> {
  if (isRun) throw new RunError(`--accuracy-score takes a release, such as ${folder}/release/VERSION`);
  const { card, files } = await readReleaseFolder(folder);
  const release = await openRelease(card, fromMemory(files), loadDecodeKernels());
  await selectBackend("wasm");
  const tasks = createTasks(process.stderr);
  try {
    const { accuracy, images } = await scoreAccuracy(release, learned, {
      onDrawn: countDown(tasks.show),
      onEpoch: (line) => {
        tasks.stop();
        console.log(line);
      },
    });
    console.log(
      `accuracy on MNIST's test images after ${images} ${learned} images: ${(100 * accuracy).toFixed(2)} %`,
    );
  } finally {
    tasks.stop();
  }
}

/** Images a side, of 6,000 validation or 10,000 test images. */
const TWO_SAMPLE_COUNTS = {
  validation: { learned: 4000, judged: 2000 },
  test: { learned: 5000, judged: 2000 },
} as const;

function checkCounts({ learned, judged }: TwoSampleCounts, { labels, baseline }: EvaluationSet): void {
  if (baseline && labels.length >= learned + judged) return;
  throw new RunError(
    `--two-sample takes at least ${learned + judged} images of MNIST, found ${labels.length}` +
      `${baseline ? "" : " of other data"}; leave it out`,
  );
}

type Subjects = Awaited<ReturnType<typeof subjectsOf>> & { readonly float?: Subject };

const { data, binarise, seed, limit, likelihood, objective } = trainingFields;
/** What a card says about the images and the loss: which ones, how the run split them, and what it minimised. */
const TrainedOnSchema = v.object({ data, binarise, seed, limit, likelihood, objective });

/** Both sets of weights of a run; makes a release of its last epoch if there is none yet. */
async function readRun(run: string, onProgress: (task: string) => void): Promise<Subjects> {
  const opened = await openRun(run);
  const { config, tensors } = opened;
  const code = readCodeVersion();
  let release = await findRelease(opened, code);
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
  const latent = await kindOf(config.spec).openFloat(opened, quantized.latent, onProgress);
  return { ...rest, float: { spec: config.spec, encoder: tensors, decoder: tensors, latent }, quantized };
}

async function subjectsOf({ card, files }: Awaited<ReturnType<typeof readReleaseFolder>>) {
  const { spec, history } = card;
  const { stages } = kindOf(spec);
  const training = v.safeParse(TrainedOnSchema, card.training);
  if (!training.success) {
    const [issue] = training.issues;
    throw new RunError(`${CARD_FILE}: training.${v.getDotPath(issue)}: ${issue.message}`);
  }
  const read = fromMemory(files);
  return {
    epochs: history.length,
    stageEpochs: epochCounts(Object.fromEntries(stages.map(({ name }) => [name, card[name] ?? []]))),
    training: training.output,
    /** Of the data files. */
    digests: card.data.files,
    quantized: {
      spec,
      encoder: await readNetwork(card, "encoder", read),
      decoder: await readNetwork(card, "decoder", read),
      latent: await openLatent(card, read, loadDecodeKernels),
    },
  };
}
