// Sums of both parts of the loss on the device, so that no step waits for a reading.

import * as tf from "@tensorflow/tfjs";
import type { Loss } from "../../shared/release/release.ts";
import type { ElboParts } from "../model/loss.ts";

export interface LossSums {
  readonly add: (parts: ElboParts) => void;
  /** Nats per image over `count` images. */
  readonly mean: (count: number) => Promise<Loss>;
  readonly dispose: () => void;
}

export function createSums(): LossSums {
  // Read into float64 at every reading: a float32 sum over an epoch would lose digits.
  const done = { reconstruction: 0, kl: 0 };
  let pending: tf.Tensor1D[] = [];
  const drain = async () => {
    const taken = pending;
    pending = [];
    for (const tensor of taken) {
      const [reconstruction, kl] = await tensor.data();
      done.reconstruction += reconstruction!;
      done.kl += kl!;
      tensor.dispose();
    }
  };
  return {
    add: ({ reconstruction, kl }) => {
      pending.push(tf.keep(tf.tidy(() => tf.stack([reconstruction, kl]) as tf.Tensor1D)));
    },
    mean: async (count) => {
      await drain();
      const [reconstruction, kl] = [done.reconstruction / count, done.kl / count];
      return { reconstruction, kl, total: reconstruction + kl };
    },
    dispose: () => {
      tf.dispose(pending);
    },
  };
}
