// What wasm's kernels are checked by: the cpu backend's.

import * as tf from "@tensorflow/tfjs";
import { expect } from "vitest";
import { type BackendName, selectBackend } from "../../../trainer/backend/registry.ts";

/** Runs a computation on one backend and hands back the values of its tensors. */
export async function valuesOn(backend: BackendName, compute: () => tf.Tensor[]): Promise<number[][]> {
  await selectBackend(backend);
  const tensors = tf.tidy(compute);
  const values = tensors.map((tensor) => Array.from(tensor.dataSync()));
  tf.dispose(tensors);
  return values;
}

/** Asserts that wasm computes what cpu computes, to `tolerance` of the largest value, and leaks no tensor. */
export async function expectSameOnBoth(compute: () => tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const expected = await valuesOn("cpu", compute);
  await selectBackend("wasm");
  const before = tf.memory().numTensors;
  const found = await valuesOn("wasm", compute);
  expect(tf.memory().numTensors).toBe(before);
  expect(found.map((values) => values.length)).toEqual(expected.map((values) => values.length));
  for (const [i, values] of expected.entries()) {
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-6);
    const worst = values.reduce((most, value, at) => Math.max(most, Math.abs(value - found[i]![at]!)), 0);
    expect(worst / scale, `result ${i}`).toBeLessThan(tolerance);
    expect(found[i]!.every(Number.isFinite)).toBe(true);
  }
}

export function random(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape, 0, 1, "float32", seed);
}

/** The value of `f` at the inputs and its gradient by each, under a random upstream gradient. */
export function withGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const value = f(...inputs);
  return [value, ...tf.grads(f)(inputs, random(value.shape, 99))];
}
