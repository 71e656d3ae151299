// The draw from a posterior and its KL, by one kernel on wasm and by tfjs's operations elsewhere.

import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { drawPosterior } from "../../../trainer/latent/gaussian/bottleneck.ts";
import { expectSameOnBoth, random } from "./on-both.ts";

for (const dim of [2, 4, 11, 20]) {
  test(`draws, KL and gradients of ${dim} latents on wasm equal the cpu backend's`, async () => {
    const [heads, noise, upstream] = [random([9, 2 * dim], 1), random([9, dim], 2), random([9, dim], 3)];
    await expectSameOnBoth(() => {
      const [x, e, dz] = [heads, noise, upstream].map((t) =>
        tf.tensor2d(t.dataSync(), t.shape as [number, number]),
      );
      const { z, kl } = drawPosterior(x!, e!);
      // Of both results at once, and of either.
      const by = (weightOfZ: number, weightOfKl: number) =>
        tf.grad((input) => {
          const drawn = drawPosterior(input as tf.Tensor2D, e!);
          const ofZ = tf.mul(tf.sum(tf.mul(drawn.z, dz!)), weightOfZ);
          return tf.add(ofZ, tf.mul(drawn.kl, weightOfKl));
        })(x!);
      return [z, kl, by(1, 0.5), by(0, 1), by(1, 0)];
    });
  });
}

test("a posterior that is the prior has a KL of 0, and draws its noise", async () => {
  await selectBackend("wasm");
  const noise = random([3, 5], 4) as tf.Tensor2D;
  const { z, kl } = drawPosterior(tf.zeros([3, 10]), noise);
  expect(kl.dataSync()[0]).toBe(0);
  expect(z.dataSync()).toEqual(noise.dataSync());
});

test("a gradient of z alone or of the KL alone is enough", async () => {
  await selectBackend("wasm");
  const [heads, noise] = [random([2, 6], 5) as tf.Tensor2D, random([2, 3], 6) as tf.Tensor2D];
  const ofKl = tf.grad((x) => drawPosterior(x as tf.Tensor2D, noise).kl)(heads);
  const ofZ = tf.grad((x) => tf.sum(drawPosterior(x as tf.Tensor2D, noise).z))(heads);
  const [mu, byMu] = [heads.dataSync(), ofKl.dataSync()];
  for (const i of [0, 1, 2, 6, 7, 8]) {
    expect(byMu[i]).toBeCloseTo(mu[i]!, 6);
    expect(ofZ.dataSync()[i]).toBe(1);
  }
});
