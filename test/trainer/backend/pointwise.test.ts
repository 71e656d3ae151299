import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { bceWithLogits, lerp, silu } from "../../../trainer/backend/ops.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { expectSameOnBoth, random, withGradients } from "./on-both.ts";

test("sums over leading and over other axes on wasm equal the cpu backend's", async () => {
  await expectSameOnBoth(() => {
    const x = random([5, 70, 19], 1);
    const tall = random([5, 70, 19], 1).reshape([350, 19]);
    return [tf.sum(x, [0, 1]), tf.sum(x, 0, true), tf.sum(tall, 0), tf.sum(x, 2), tf.sum(x, 1), tf.sum(x)];
  });
});

test("the gradient of relu on wasm equals the cpu backend's", async () => {
  await expectSameOnBoth(() => withGradients((x) => tf.relu(x!), [random([3, 5, 71], 1)]), 1e-9);
});

test("silu and its gradient on wasm equal the cpu backend's, also far from 0", async () => {
  await expectSameOnBoth(() => {
    const x = tf.concat([random([71], 1), tf.tensor1d([0, 30, -30, 200, -200, 1e-7])]);
    return withGradients((input) => silu(input!), [x]);
  }, 1e-6);
});

test("a linear interpolation on wasm equals the cpu backend's", async () => {
  await expectSameOnBoth(() => [lerp(random([3, 5, 7], 1), random([3, 5, 7], 2), 0.003)], 1e-6);
});

describe("bceWithLogits", () => {
  test("and its gradient equal the stock composition, also for extreme logits", async () => {
    await expectSameOnBoth(() => {
      const logits = tf.concat([
        random([3001], 1).mul(4),
        tf.tensor1d([0, 100, -100, 100, -100, 1e4, -1e4, 1e-7]),
      ]);
      const target = tf.concat([
        tf.randomUniform([3001], 0, 1, "float32", 2),
        tf.tensor1d([0, 0, 0, 1, 1, 1, 0, 1]),
      ]);
      return withGradients((x) => bceWithLogits(x!, target), [logits]);
    });
  });

  test("is exact where float32 can be: log 2 at zero, |x| where the target is far", async () => {
    for (const backend of ["cpu", "wasm"] as const) {
      await selectBackend(backend);
      const one = (x: number, t: number) => bceWithLogits(tf.tensor1d([x]), tf.tensor1d([t])).dataSync()[0];
      expect(one(0, 0.5)).toBeCloseTo(Math.LN2, 6);
      expect(one(100, 0)).toBe(100);
      expect(one(-100, 0)).toBeCloseTo(0, 30);
    }
  });

  test("refuses a target of another shape", () => {
    expect(() => bceWithLogits(tf.zeros([2, 3]), tf.zeros([3, 2]))).toThrow(
      /logits and target differ in shape/,
    );
  });
});
