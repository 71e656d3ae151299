import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { createGenerator, uniform } from "../../../../shared/arithmetic/random.ts";
import { selectBackend } from "../../../../trainer/backend/registry.ts";
import { shifted } from "../../../../trainer/latent/flow/feature-network.ts";

test("images are shifted as tfjs pads and slices them", async () => {
  await selectBackend("cpu");
  const [height, width] = [5, 7];
  const pixels = Float32Array.from({ length: 3 * height * width }, (_, i) => i + 1);
  const found = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const next = createGenerator(`shift/${seed}`);
    const [y, x] = [0, 1].map(() => Math.floor(uniform(next) * 5)) as [number, number];
    found.add(`${y},${x}`);
    const expected = tf.tidy(() => {
      const padded = tf.pad(tf.tensor3d(pixels, [3, height, width]), [
        [0, 0],
        [2, 2],
        [2, 2],
      ]);
      return tf.slice(padded, [0, y, x], [3, height, width]).dataSync();
    });
    expect(shifted(pixels, { height, width }, createGenerator(`shift/${seed}`))).toEqual(expected);
  }
  expect(found.size).toBe(25);
});
