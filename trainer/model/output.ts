// Pixels of a decoder's logits, as tfjs operations.

import * as tf from "@tensorflow/tfjs";
import { outputActivation } from "../../shared/model/plan.ts";
import type { ModelSpec, OutputActivation } from "../../shared/model/spec.ts";

const ACTIVATIONS: { readonly [name in OutputActivation]: (logits: tf.Tensor) => tf.Tensor } = {
  sigmoid: tf.sigmoid,
  hardSigmoid: (logits) => tf.clipByValue(tf.add(tf.mul(logits, 0.2), 0.5), 0, 1),
};

/** Logits, of any shape, to pixels in [0, 1] by the decoder's last activation. */
export function pixelsOf<T extends tf.Tensor>(spec: ModelSpec, logits: T): T {
  return ACTIVATIONS[outputActivation(spec)](logits) as T;
}
