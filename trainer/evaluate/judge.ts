// Scores a set of generated digits by the classifier: how far from real ones, how faithful, how varied, of which classes.

import { accuracyOf, type Classifier } from "./classifier/classifier.ts";
import { CLASSES, FEATURES } from "./classifier/network.ts";
import type { Judgement } from "./evaluation.ts";
import { frechetDistance, momentsOf } from "./frechet.ts";
import { manifoldOf, precisionRecall } from "./precision-recall.ts";
import { sharpnessOf } from "./sharpness.ts";

/**
 * @param images  float32 [m, 28, 28] in [0, 1], flat
 * @param intended  [m], the digit that each image should show
 */
export type Judge = (
  images: Float32Array,
  intended?: Uint8Array,
) => Promise<
  Judgement & {
    /** A row for each intended digit, in it how many are recognised as 0 to 9. */
    readonly confusion?: number[][];
  }
>;

/**
 * Scores sets of images by their likeness to real ones.
 * @param realImages  float32 [n, 28, 28] in [0, 1], flat
 */
export async function createJudge(classify: Classifier, realImages: Float32Array): Promise<Judge> {
  const real = classify(realImages);
  const realMoments = momentsOf(real.features, FEATURES);
  const realSharpness = sharpnessOf(realImages);
  const realManifold = await manifoldOf(real.features, FEATURES);
  return async (images, intended) => {
    const { features, digits } = classify(images);
    return {
      images: digits.length,
      frechet: frechetDistance(realMoments, momentsOf(features, FEATURES)),
      ...(await precisionRecall(realManifold, await manifoldOf(features, FEATURES))),
      classCounts: Array.from({ length: CLASSES }, (_, digit) => digits.filter((d) => d === digit).length),
      sharpness: sharpnessOf(images) / realSharpness,
      ...(intended && {
        classAccuracy: accuracyOf(digits, intended),
        confusion: confusionOf(digits, intended),
      }),
    };
  };
}

/** A row for each intended digit, in it how many are recognised as 0 to 9. */
export function confusionOf(digits: Uint8Array, intended: Uint8Array): number[][] {
  const counts = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
  for (const [i, digit] of digits.entries()) counts[intended[i]!]![digit]! += 1;
  return counts;
}
