// An independent classifier of digits, whose opinion and features score what models generate; by the shared SIMD engine.

import { createNetwork } from "../../../shared/decoder/network.ts";
import type { StoredWeights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { runNetwork } from "../../math/run-network.ts";
import { type ClassifierCard, classifierFolder, readClassifier } from "./file.ts";
import { CLASSES, CLASSIFIER_PLAN, FEATURES } from "./network.ts";

/**
 * Classifies n images.
 * @param images  float32 [n, 28, 28] in [0, 1], flat
 */
export type Classifier = (images: Float32Array) => {
  /**
   * The layer before the scores, float32 [n, FEATURES], flat, each image's scaled to FEATURE_LENGTH. Unscaled, what the
   * classifier cannot read has small features: a black image would lie as close to most digits as they to each other.
   */
  readonly features: Float32Array;
  /** The likeliest digit of each, [n]. */
  readonly digits: Uint8Array;
  /** Their probabilities, [n]. */
  readonly confidences: Float32Array;
};

/** So that Fréchet distances are readable numbers, from below 1 for real digits to about 100 for noise. */
const FEATURE_LENGTH = 10;
const BATCH = 16;

/** @throws WeightsError */
export function createClassifier(weights: StoredWeights): Classifier {
  const kernels = loadDecodeKernels();
  const body = createNetwork(kernels, CLASSIFIER_PLAN.slice(0, -1), weights, BATCH);
  const head = createNetwork(kernels, CLASSIFIER_PLAN.slice(-1), weights, BATCH);
  return (images) => {
    const activations = runNetwork(body, images);
    const scores = rowsOf(runNetwork(head, activations), CLASSES);
    return {
      features: Float32Array.from(rowsOf(activations, FEATURES).flatMap(scaled)),
      digits: Uint8Array.from(scores, (row) => row.indexOf(Math.max(...row))),
      confidences: Float32Array.from(scores, confidenceOf),
    };
  };
}

/**
 * The classifier that the repository keeps.
 * @throws DatasetError when a file is missing or damaged
 */
export async function loadClassifier(
  folder: string = classifierFolder(),
): Promise<{ readonly classify: Classifier; readonly card: ClassifierCard }> {
  const { card, weights } = await readClassifier(folder);
  return { classify: createClassifier(weights), card };
}

/** Share of labels that the digits match. */
export function accuracyOf(digits: Uint8Array, labels: Uint8Array): number {
  return labels.reduce((right, label, i) => right + (digits[i] === label ? 1 : 0), 0) / labels.length;
}

function rowsOf(values: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));
}

/** The largest number of a softmax. */
function confidenceOf(scores: Float32Array): number {
  const best = Math.max(...scores);
  return 1 / scores.reduce((sum, score) => sum + Math.exp(score - best), 0);
}

/** A row at length FEATURE_LENGTH; a row of zeros stays. */
function scaled(row: Float32Array): number[] {
  const squares = row.reduce((sum, value) => sum + value ** 2, 0);
  const factor = squares > 0 ? FEATURE_LENGTH / Math.sqrt(squares) : 0;
  return Array.from(row, (value) => factor * value);
}
