// Judges digits: an independent classifier's opinion and its features, by the shared SIMD engine.

import { createNetwork } from "../../../shared/decoder/network.ts";
import type { StoredWeights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { runNetwork } from "../../math/run-network.ts";
import { type ClassifierCard, classifierFolder, readClassifier } from "./file.ts";
import { CLASSES, CLASSIFIER_PLAN, FEATURES } from "./network.ts";

/** What the classifier makes of n images. */
export interface Reading {
  /**
   * The layer before the scores, float32 [n, FEATURES], flat, each image's scaled to FEATURE_LENGTH. Unscaled, what the
   * classifier cannot read has small features: a black image would lie as close to most digits as they to each other.
   */
  readonly features: Float32Array;
  /** The likeliest digit of each, [n]. */
  readonly digits: Uint8Array;
}

export interface Classifier {
  /** @param images  float32 [n, 28, 28] in [0, 1], flat */
  readonly read: (images: Float32Array) => Reading;
  /** The features alone. */
  readonly features: (images: Float32Array) => Float32Array;
  /** The digits alone. */
  readonly classify: (images: Float32Array) => Uint8Array;
}

/** So that Fréchet distances are readable numbers, from below 1 for real digits to about 100 for noise. */
export const FEATURE_LENGTH = 10;
const BATCH = 16;

/**
 * Makes a classifier of weights.
 * @throws WeightsError
 */
export function createClassifier(weights: StoredWeights): Classifier {
  const kernels = loadDecodeKernels();
  const body = createNetwork(kernels, CLASSIFIER_PLAN.slice(0, -1), weights, BATCH);
  const head = createNetwork(kernels, CLASSIFIER_PLAN.slice(-1), weights, BATCH);
  const read = (images: Float32Array): Reading => {
    const activations = runNetwork(body, images);
    return { features: scaleRows(activations), digits: likeliest(runNetwork(head, activations)) };
  };
  return {
    read,
    features: (images) => read(images).features,
    classify: (images) => read(images).digits,
  };
}

/**
 * The classifier that the repository keeps.
 * @throws DatasetError when a file is missing or damaged
 */
export async function loadClassifier(
  folder: string = classifierFolder(),
): Promise<Classifier & { readonly card: ClassifierCard }> {
  const { card, weights } = await readClassifier(folder);
  return { ...createClassifier(weights), card };
}

/** Share of labels that the digits match. */
export function accuracyOf(digits: Uint8Array, labels: Uint8Array): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (digits[i] === labels[i]) right += 1;
  return right / labels.length;
}

/** Rows of FEATURES at length FEATURE_LENGTH; a row of zeros stays. */
function scaleRows(activations: Float32Array): Float32Array {
  const scaled = new Float32Array(activations.length);
  for (let from = 0; from < activations.length; from += FEATURES) {
    let squares = 0;
    for (let i = from; i < from + FEATURES; i++) squares += activations[i]! ** 2;
    const factor = squares > 0 ? FEATURE_LENGTH / Math.sqrt(squares) : 0;
    for (let i = from; i < from + FEATURES; i++) scaled[i] = factor * activations[i]!;
  }
  return scaled;
}

function likeliest(scores: Float32Array): Uint8Array {
  return Uint8Array.from({ length: scores.length / CLASSES }, (_, i) => {
    const row = scores.subarray(i * CLASSES, (i + 1) * CLASSES);
    return row.indexOf(Math.max(...row));
  });
}
