// The convolutional classifier that judges drawn digits: its layers as data, so that the trainer fits it by tfjs and the
// shared SIMD engine runs it. Strided convolutions instead of pooling, since those are what our kernels do fast.

import type { PlannedLayer } from "../../../shared/model/layers.ts";
import { planEncoder } from "../../../shared/model/plan.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";

export const CLASSES = 10;
/** Units of the layer before the class scores: what distances between sets of digits are measured in. */
export const FEATURES = 96;

const SPEC: ModelSpec = {
  input: [28, 28, 1],
  // planEncoder ends in a dense layer of two numbers per latent: here, one per class.
  latent: { kind: "gaussian", dim: CLASSES / 2 },
  encoder: [
    { kind: "conv2d", filters: 32, kernel: 5, stride: 2, activation: "relu" },
    { kind: "conv2d", filters: 64, kernel: 3, stride: 2, activation: "relu" },
    { kind: "conv2d", filters: 64, kernel: 3, stride: 1, activation: "relu" },
    { kind: "flatten" },
    { kind: "dense", units: FEATURES, activation: "relu" },
  ],
  decoder: [],
};

/** Image to class scores; the last layer is the dense one from features to scores. */
export const CLASSIFIER_PLAN: readonly PlannedLayer[] = planEncoder(SPEC);
