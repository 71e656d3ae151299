import * as tf from "@tensorflow/tfjs";
import { describe, test } from "vitest";
import { expectSameOnBoth, random, withGradients } from "./on-both.ts";

describe("convolutions on wasm, and their gradients, equal the cpu backend's", () => {
  for (const kernel of [1, 3, 4, 5]) {
    for (const stride of [1, 2]) {
      for (const pad of ["same", "valid"] as const) {
        test(`kernel ${kernel}, stride ${stride}, ${pad}`, async () => {
          for (const [size, channels, filters] of [
            [9, 1, 5],
            [8, 3, 1],
            [7, 32, 3],
          ] as const) {
            await expectSameOnBoth(() => {
              const x = random([3, size, size + 1, channels], 1);
              const filter = random([kernel, kernel, channels, filters], 2);
              const f = (a?: tf.Tensor, b?: tf.Tensor) =>
                tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad);
              return withGradients(f, [x, filter]);
            });
          }
        });

        test(`transposed: kernel ${kernel}, stride ${stride}, ${pad}`, async () => {
          const [size, channels, filters] = [5, 6, 3];
          const out = pad === "same" ? size * stride : (size - 1) * stride + kernel;
          await expectSameOnBoth(() => {
            const x = random([2, size, size, channels], 1);
            const filter = random([kernel, kernel, filters, channels], 2);
            const f = (a?: tf.Tensor, b?: tf.Tensor) =>
              tf.conv2dTranspose(a as tf.Tensor4D, b as tf.Tensor4D, [2, out, out, filters], stride, pad);
            return withGradients(f, [x, filter]);
          });
        });
      }
    }
  }

  test("over more images than fit the scratch memory at once", async () => {
    await expectSameOnBoth(() => {
      const f = (a?: tf.Tensor, b?: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, "same");
      return withGradients(f, [random([7, 14, 14, 32], 1), random([4, 4, 32, 64], 2)]);
    });
  });

  test("with explicit padding, and dilated, which tfjs's own kernel does", async () => {
    await expectSameOnBoth(() => {
      const x = random([2, 9, 9, 3], 1) as tf.Tensor4D;
      const filter = random([3, 3, 3, 4], 2) as tf.Tensor4D;
      return [
        tf.conv2d(x, filter, 1, [
          [0, 0],
          [1, 2],
          [0, 1],
          [0, 0],
        ]),
        tf.conv2d(x, filter, 2, [
          [0, 0],
          [5, 4],
          [6, 7],
          [0, 0],
        ]),
        tf.conv2d(x, filter, 1, "same", "NHWC", 2),
      ];
    });
  });
});
