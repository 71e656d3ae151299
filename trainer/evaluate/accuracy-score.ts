// The classification accuracy score (Ravuri & Vinyals 2019, https://arxiv.org/abs/1905.10887): how well a classifier reads
// real digits that learned from drawn ones alone. It falls with digits that show another class than they are asked for, and
// with every way of writing that the model does not draw.

import { drawImages } from "../../shared/dataset/draw.ts";
import { DEFAULT_SET, planSet } from "../../shared/dataset/plan.ts";
import { concatenate } from "../../shared/model/weights.ts";
import type { OpenRelease } from "../../shared/release/open.ts";
import { type Dataset, gatherImages, loadDataset, MNIST } from "../data/dataset.ts";
import { formatDuration } from "../train/tasks.ts";
import { accuracyOf, createClassifier } from "./classifier/classifier.ts";
import { CLASSIFIER_TRAINING, trainClassifier } from "./classifier/train.ts";

/** What the classifier learns from: drawn images, MNIST's training images, or both together. */
export const LEARNED_SETS = ["drawn", "real", "both"] as const;
export type LearnedSet = (typeof LEARNED_SETS)[number];

const SEED = "accuracy-score";
/** Images between two looks at the progress. */
const BATCH = 240;

interface Options {
  /** Drawn images; by default as many as MNIST has. */
  readonly count?: number;
  readonly training?: typeof CLASSIFIER_TRAINING;
  readonly onDrawn?: (task: string, done: number, total: number) => void;
  /** Takes a line per epoch. */
  readonly onEpoch?: (line: string) => void;
}

/** @returns the accuracy on MNIST's test images, and how many images the classifier learned from */
export async function scoreAccuracy(
  release: OpenRelease,
  learned: LearnedSet,
  { count, training = CLASSIFIER_TRAINING, onDrawn = () => {}, onEpoch = () => {} }: Options = {},
): Promise<{ readonly accuracy: number; readonly images: number }> {
  const real = await loadDataset(MNIST, "train");
  const drawn = learned === "real" ? [] : [drawSet(release, count ?? real.count, onDrawn)];
  const data = join([...drawn, ...(learned === "drawn" ? [] : [real])]);
  const start = performance.now();
  const all = Uint32Array.from({ length: data.count }, (_, i) => i);
  const weights = await trainClassifier(data, all, training, (epoch, loss) => {
    const seconds = ((performance.now() - start) / 1000 / epoch) * (training.epochs - epoch);
    onEpoch(
      `epoch ${epoch}/${training.epochs}  cross-entropy ${loss.toFixed(4)} nats  ${formatDuration(seconds)} left`,
    );
  });
  const test = await loadDataset(MNIST, "t10k");
  const { digits } = createClassifier(weights)(gatherImages(test, Uint32Array.from(test.labels.keys())));
  return { accuracy: accuracyOf(digits, test.labels), images: data.count };
}

function drawSet(release: OpenRelease, count: number, onDrawn: NonNullable<Options["onDrawn"]>): Dataset {
  const planned = planSet({ ...DEFAULT_SET, seed: SEED })("train", 0, count);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < count; at += BATCH) {
    parts.push(drawImages(release, planned.slice(at, at + BATCH)));
    onDrawn("images drawn", Math.min(at + BATCH, count), count);
  }
  const labels = Uint8Array.from(planned, ({ digit }) => digit);
  return { count, height: 28, width: 28, pixels: concatenate(parts), labels };
}

function join(sets: readonly Dataset[]): Dataset {
  const [{ height, width }] = sets as [Dataset];
  return {
    count: sets.reduce((sum, { count }) => sum + count, 0),
    height,
    width,
    pixels: concatenate(sets.map(({ pixels }) => pixels)),
    labels: concatenate(sets.map(({ labels }) => labels)),
  };
}
