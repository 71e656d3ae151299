// Sums both parts of the loss over steps, without waiting for the device at every step.

import type * as tf from "@tensorflow/tfjs";
import type { Loss } from "../../shared/release/release.ts";

export function createSums() {
  const pending: tf.Tensor1D[] = [];
  // In float64: a float32 sum over an epoch would lose digits.
  let [reconstructions, kls] = [0, 0];
  return {
    /** @param parts  reconstruction and KL of a step, kept; disposed of when they are read */
    add: (parts: tf.Tensor1D): void => void pending.push(parts),
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
