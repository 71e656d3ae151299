// The critics of the last stage: one looks at pixels at full resolution, one at what a small classifier makes of them. Both
// are given the digit (projection: Miyato & Koyama 2018, https://arxiv.org/abs/1802.05637). Neither shares a layer with the
// classifier that evaluations judge by.

import * as tf from "@tensorflow/tfjs";
import { CLASSES } from "../../../shared/latent/classes.ts";
import type { Features } from "./feature-network.ts";
import { conv, convSpecs, createVariables, dense, denseSpecs, oneHot, type Variables } from "./network.ts";

/** What critics see: images [batch, 28, 28, 1] in [0, 1], and their features. */
export interface Seen extends Features {
  readonly images: tf.Tensor4D;
}

/** One number for each critic. */
export type PerCritic<T> = readonly [pixels: T, features: T];

export interface Critics {
  readonly variables: Variables;
  /**
   * How real each image is by each critic, [batch]; larger is more so.
   * @param labels  a multiple of 16
   */
  readonly score: (seen: Seen, labels: Uint8Array) => PerCritic<tf.Tensor1D>;
}

const LEAK = 0.2;
/** Images whose spread is one more input, so that a lack of variety shows (Karras et al. 2018, section 3). */
const GROUP = 16;
const DEVIATIONS = 8;
const PIXEL_LAYERS = [
  { name: "pixels_0", side: 3, inputs: 1, filters: 16, stride: 1 },
  { name: "pixels_1", side: 3, inputs: 16, filters: 16, stride: 1 },
  { name: "pixels_2", side: 4, inputs: 16, filters: 40, stride: 2 },
  { name: "pixels_3", side: 4, inputs: 40, filters: 64, stride: 2 },
] as const;
const PIXEL_UNITS = 128;
const SPECS = [
  ...PIXEL_LAYERS.flatMap(({ name, side, inputs, filters }) => convSpecs(name, side, inputs, filters)),
  ...denseSpecs("pixels_4", 7 * 7 * 64, PIXEL_UNITS),
  ...headSpecs("pixels", PIXEL_UNITS + DEVIATIONS, PIXEL_UNITS),
  ...convSpecs("features_0", 4, 64, 64),
  ...denseSpecs("features_1", 4 * 4 * 64, 96),
  ...denseSpecs("features_2", 64, 128),
  ...headSpecs("features", 224, 224),
];

export function createCritics(seed: string): Critics {
  const variables = createVariables(SPECS, seed);
  return {
    variables,
    score: (seen, labels) => [scorePixels(variables, seen, labels), scoreFeatures(variables, seen, labels)],
  };
}

function scorePixels(variables: Variables, { images }: Seen, labels: Uint8Array): tf.Tensor1D {
  const hidden = PIXEL_LAYERS.reduce<tf.Tensor>(
    (x, { name, stride }) => conv(variables, name, x, stride, LEAK),
    tf.sub(tf.mul(images, 2), 1),
  );
  const units = dense(variables, "pixels_4", tf.reshape(hidden, [labels.length, -1]), LEAK);
  return head(variables, "pixels", tf.concat([units, deviations(units)], 1), units, labels);
}

/** By features alone, never a pixel. */
function scoreFeatures(variables: Variables, { map, vector }: Seen, labels: Uint8Array): tf.Tensor1D {
  const places = tf.reshape(conv(variables, "features_0", map, 2, LEAK), [labels.length, -1]);
  const units = tf.concat(
    [dense(variables, "features_1", places, LEAK), dense(variables, "features_2", vector, LEAK)],
    1,
  );
  return head(variables, "features", units, units, labels);
}

function headSpecs(name: string, inputs: number, units: number) {
  return [
    ...denseSpecs(`${name}_score`, inputs, 1),
    { name: `${name}_digits/kernel`, shape: [CLASSES, units] },
  ];
}

/** w x + <digit's embedding, units> */
function head(variables: Variables, name: string, x: tf.Tensor2D, units: tf.Tensor2D, labels: Uint8Array) {
  const embeddings = variables.get(`${name}_digits/kernel`) as tf.Tensor as tf.Tensor2D;
  const projection = tf.sum(tf.mul(units, tf.matMul(oneHot(labels, CLASSES), embeddings)), 1);
  const score = dense(variables, `${name}_score`, x);
  return tf.add(tf.reshape(score, [-1]), projection) as tf.Tensor1D;
}

/** Standard deviations over groups of images, as means over the units in DEVIATIONS parts; the same for a whole group. */
function deviations(units: tf.Tensor2D): tf.Tensor2D {
  const [count, width] = units.shape;
  const groups = tf.reshape(units, [count / GROUP, GROUP, width]);
  const centred = tf.sub(groups, tf.mean(groups, 1, true));
  const spread = tf.sqrt(tf.add(tf.mean(tf.square(centred), 1), 1e-6));
  const parts = tf.mean(tf.reshape(spread, [count / GROUP, 1, DEVIATIONS, width / DEVIATIONS]), 3);
  return tf.reshape(tf.tile(parts, [1, GROUP, 1]), [count, DEVIATIONS]);
}
