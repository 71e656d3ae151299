// A set of drawn digits before the classifier: how far from real ones, how faithful, how varied, and of which classes.

import { accuracyOf, type Classifier } from "../classifier/classifier.ts";
import { CLASSES, FEATURES } from "../classifier/network.ts";
import { frechetDistance } from "./frechet.ts";
import { type PrecisionRecall, precisionRecall } from "./precision-recall.ts";

export interface Judgement extends PrecisionRecall {
  /** Images judged; the other figures compare at equal counts only. */
  readonly images: number;
  /** Fréchet distance from the real images in the classifier's features. */
  readonly frechet: number;
  /** Images that the classifier takes for each digit, [10]. */
  readonly classCounts: readonly number[];
  /** Share of images recognised as the digit that was asked for, where one was. */
  readonly classAccuracy?: number;
}

/**
 * @param realFeatures  of the real images, float32 [n, FEATURES], flat
 * @param images  float32 [m, 28, 28] in [0, 1], flat
 * @param intended  [m], the digit that each image should show
 */
export async function judgeImages(
  classifier: Classifier,
  realFeatures: Float32Array,
  images: Float32Array,
  intended?: Uint8Array,
): Promise<Judgement> {
  const { features, digits } = classifier.read(images);
  const classCounts = new Array<number>(CLASSES).fill(0);
  for (const digit of digits) classCounts[digit]! += 1;
  return {
    images: digits.length,
    frechet: frechetDistance(realFeatures, features, FEATURES),
    ...(await precisionRecall(realFeatures, features, FEATURES)),
    classCounts,
    ...(intended && { classAccuracy: accuracyOf(digits, intended) }),
  };
}
