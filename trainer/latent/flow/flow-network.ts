// The class-conditional flow as tfjs operations. Its teacher is a velocity field of a rectified flow (Liu et al. 2023,
// https://arxiv.org/abs/2209.03003) with a time and a class that may be missing; its student takes noise to a latent in one
// evaluation, with the guidance as an input. Both have the layers that the edge runs.

import * as tf from "@tensorflow/tfjs";
import { CLASSES } from "../../../shared/latent/classes.ts";
import { type FlowPlan, planFlow } from "../../../shared/latent/flow/plan.ts";
import type { FlowSpec } from "../../../shared/latent/flow/spec.ts";
import { type AnyPlannedLayer, planLayers } from "../../../shared/model/layers.ts";
import { oneHot, runLayers, type Variables } from "./network.ts";

/** Sines and cosines that encode the time. */
const TIME_FEATURES = 16;
/** The class of an image whose digit is withheld (Ho & Salimans 2022, https://arxiv.org/abs/2207.12598). */
export const NO_CLASS = CLASSES;
/** Midpoint steps of the teacher; more change nothing that was measured. */
export const TEACHER_STEPS = 4;

/** The teacher's layers: like those of the student, which a release holds, but twice as wide, and one more. */
export function planTeacher(spec: FlowSpec): readonly AnyPlannedLayer[] {
  const { width, blocks } = spec.flow;
  const { flow } = planFlow({ ...spec, flow: { ...spec.flow, width: 2 * width, blocks: blocks + 1 } });
  return planLayers(
    "flow",
    flow.map(({ layer }) => layer),
    [1, 1, spec.dim + CLASSES + 1 + TIME_FEATURES],
  );
}

/** Rows [z, one-hot class, sines of the time]; times are in [0, 1], [batch]. */
export function teacherInput(z: tf.Tensor2D, classes: ArrayLike<number>, times: Float32Array): tf.Tensor2D {
  return tf.concat([z, oneHot(classes, CLASSES + 1), timeFeatures(times)], 1);
}

/**
 * Latents of noise, z = noise + flow(noise, class, guidance).
 * @param noise  [batch, dim]
 * @param guidance  0 or more, [batch]
 */
export function drawLatents(
  { flow }: FlowPlan,
  student: Variables,
  noise: tf.Tensor2D,
  classes: ArrayLike<number>,
  guidance: Float32Array,
): tf.Tensor2D {
  const column = tf.tensor2d(guidance, [guidance.length, 1]);
  const input = tf.concat([noise, oneHot(classes, CLASSES), column], 1);
  return tf.add(noise, runLayers(flow, student, input));
}

/**
 * From noise to latents by midpoint steps along the guided field, v(none) + (1 + guidance)(v(class) - v(none)).
 * @returns [batch, dim]
 */
export function guidedFlow(
  plan: readonly AnyPlannedLayer[],
  teacher: Variables,
  noise: tf.Tensor2D,
  classes: Uint8Array,
  guidance: Float32Array,
  steps = TEACHER_STEPS,
): tf.Tensor2D {
  const none = classes.map(() => NO_CLASS);
  const weight = tf.tensor2d(
    guidance.map((g) => 1 + g),
    [guidance.length, 1],
  );
  const field = (z: tf.Tensor2D, time: number) => {
    const times = new Float32Array(classes.length).fill(time);
    const given = runLayers(plan, teacher, teacherInput(z, classes, times));
    const withheld = runLayers(plan, teacher, teacherInput(z, none, times));
    return tf.add(withheld, tf.mul(weight, tf.sub(given, withheld)));
  };
  const h = 1 / steps;
  let z = noise;
  for (let step = 0; step < steps; step++) {
    const half = tf.add(z, tf.mul(field(z, step * h), h / 2)) as tf.Tensor2D;
    z = tf.add(z, tf.mul(field(half, (step + 0.5) * h), h));
  }
  return z;
}

function timeFeatures(times: Float32Array): tf.Tensor2D {
  const features = new Float32Array(times.length * TIME_FEATURES);
  times.forEach((time, i) => {
    features.set(sinesOf(time), i * TIME_FEATURES);
  });
  return tf.tensor2d(features, [times.length, TIME_FEATURES]);
}

/** sin and cos of k pi / 2 times the time, k = 1 to 8. */
function sinesOf(time: number): number[] {
  return Array.from({ length: TIME_FEATURES }, (_, i) => {
    const angle = (Math.PI / 2) * ((i % 8) + 1) * time;
    return i < 8 ? Math.sin(angle) : Math.cos(angle);
  });
}
