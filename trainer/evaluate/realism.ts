// What gives drawn digits away: how their pixels are distributed, whether they copy training images, and whether a network
// can tell them from real ones. Every figure stands beside that of real images.

import { shuffled } from "../data/dataset.ts";
import type { Figure } from "./evaluation.ts";
import { grouped, percent } from "./figures.ts";
import { nearestTraining, type TrainingImages } from "./nearest-training.ts";
import { imagesAt, type TwoSampleCounts, type TwoSampleTest, twoSampleAccuracy } from "./two-sample.ts";

/** In grey, whatever the model was trained on; float32 [n, 28, 28] in [0, 1], flat. */
export interface RealImages extends TrainingImages {
  readonly evaluated: Float32Array;
  /** As many training images, none of the evaluated ones among them. */
  readonly others: Float32Array;
}

export interface RealismOptions {
  /** Without it, no two-sample test, which takes minutes. */
  readonly twoSample?: TwoSampleCounts | undefined;
  readonly onProgress?: (task: string) => void;
}

const TESTS: readonly TwoSampleTest[] = [
  { network: "small", tone: "grey" },
  { network: "small", tone: "thresholded" },
  { network: "strict", tone: "grey" },
];
const PIXELS = 28 * 28;
const SEED = "realism";
/** A two-sample test depends on which images it learns from; its figure is the mean over so many choices. */
const TWO_SAMPLE_SEEDS = [`${SEED}/0`, `${SEED}/1`, `${SEED}/2`];
/** Images whose nearest training image is looked for, at most. */
const LOOKED_FOR = 1000;

/**
 * @param images  float32 [n, 28, 28], flat, multiples of 1/255 as in PNG files
 * @param drawn  what the two-sample test compares with the evaluated images; for these themselves, the others
 */
export async function realismOf(
  images: Float32Array,
  real: RealImages,
  { twoSample, onProgress = () => {} }: RealismOptions,
  drawn = images,
): Promise<Figure[]> {
  const count = images.length / PIXELS;
  const faint = images.filter((pixel) => pixel > 0.5 / 255 && pixel < 4.5 / 255).length / count;
  const full = images.filter((pixel) => pixel > 249.5 / 255).length / images.length;
  onProgress("distances from the nearest training images");
  const chosen = shuffled(count, SEED).subarray(0, LOOKED_FOR);
  const distances = await nearestTraining(imagesAt(images, chosen), real, 1);
  const nearest = medianOf(distances.map(([first]) => first!.distance));
  const figures = [
    { name: "Pixels at levels 1 to 4, per image", value: faint, text: faint.toFixed(1) },
    { name: "Pixels at level 250 or above", value: full, text: percent(full) },
    {
      name: `Distance from the nearest training image, median of ${grouped(chosen.length)}`,
      value: nearest,
      text: nearest.toFixed(2),
    },
  ];
  for (const test of twoSample ? TESTS : []) {
    const { learned, judged } = twoSample!;
    const name =
      `Two-sample test, ${test.network}, ${test.tone} ` +
      `(${grouped(learned)} + ${grouped(judged)} images a side, mean of ${TWO_SAMPLE_SEEDS.length} seeds)`;
    let accuracy = 0;
    for (const [i, seed] of TWO_SAMPLE_SEEDS.entries()) {
      onProgress(`${name}, ${i + 1} of ${TWO_SAMPLE_SEEDS.length}`);
      accuracy +=
        (await twoSampleAccuracy(drawn, real.evaluated, test, twoSample!, seed)) / TWO_SAMPLE_SEEDS.length;
    }
    figures.push({ name, value: accuracy, text: percent(accuracy) });
  }
  return figures;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
