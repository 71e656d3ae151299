import * as tf from "@tensorflow/tfjs";
import { test } from "vitest";
import { expectSameOnBoth, random, withGradients } from "./on-both.ts";

test("joining and splitting on wasm, and their gradients, equal the cpu backend's", async () => {
  await expectSameOnBoth(
    () =>
      [0, 1, 2, 3, -1].flatMap((axis) => {
        const parts = [1, 2, 5].map((size, i) => random([3, 3, 3, 3].with(axis, size), i + 1));
        const whole = random([3, 3, 3, 3].with(axis, 8), 4);
        return [
          ...withGradients((...each) => tf.concat(each as tf.Tensor[], axis), parts),
          ...tf.split(whole, [5, 0, 3], axis),
          ...withGradients((x) => tf.split(x!, 2, axis)[1]!, [whole]),
          tf.slice(whole, [0, 0, 0, 0].with(axis, 2), whole.shape.with(axis, -1)),
          tf.slice(whole, [1, 0, 2, 1], [2, -1, 1, 2]),
          tf.slice(whole, 1),
          tf.concat(
            [whole, whole].map((x) => tf.cast(x, "int32")),
            axis,
          ),
        ];
      }),
    1e-6,
  );
});
