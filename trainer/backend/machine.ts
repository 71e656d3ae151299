// What the last bits of a run depend on beside its backend: multiply-add of the training kernels (kernels/tile.ts) is
// rounded once or twice, as the processor does it faster.

import * as tf from "@tensorflow/tfjs";

/** The processor's architecture, and for wasm how often multiply-add is rounded: "x64, one rounding". */
export function describeMachine(backend: string): string {
  if (backend !== "wasm") return process.arch;
  return `${process.arch}, ${roundsOnce() ? "one rounding" : "two roundings"}`;
}

/** What a checkpoint says of how it was computed. */
export function originOf({ backend }: { readonly backend: string }) {
  return { backend, machine: describeMachine(backend) };
}

/** Whether x x - (1 + 2e) is e^2 for x = 1 + e: rounded by itself, x x is 1 + 2e. */
function roundsOnce(): boolean {
  const e = 2 ** -12;
  return tf.tidy(() => {
    const product = tf.matMul(tf.tensor2d([[-(1 + 2 * e), 1 + e]]), tf.tensor2d([[1], [1 + e]]));
    return product.dataSync()[0] === e ** 2;
  });
}
