// Sums both parts of the loss over steps, without waiting for the device at every step.

import * as tf from "@tensorflow/tfjs";
import type { Loss } from "../../shared/release/release.ts";
import type { ElboParts } from "../model/loss.ts";

export function createSums() {
  const pending: tf.Tensor1D[] = [];
  // In float64: a float32 sum over an epoch would lose digits.
  let [reconstructions, kls] = [0, 0];
  return {
    add: ({ reconstruction, kl }: ElboParts): void => {
      pending.push(tf.keep(tf.tidy(() => tf.stack([reconstruction, kl]) as tf.Tensor1D)));
    },
    /** Reads the sums from the device; nats per image over `count` images. */
    mean: async (count: number): Promise<Loss> => {
      for (const tensor of pending.splice(0)) {
        const [reconstruction, kl] = await tensor.data();
        reconstructions += reconstruction!;
        kls += kl!;
        tensor.dispose();
      }
      const [reconstruction, kl] = [reconstructions / count, kls / count];
      return { reconstruction, kl, total: reconstruction + kl };
    },
  };
}
