import * as tf from "@tensorflow/tfjs";
import { describe, test } from "vitest";
import { expectSameOnBoth, random, withGradients } from "./on-both.ts";

describe("matrix products on wasm equal the cpu backend's", () => {
  const sizes = [
    [1, 1, 1],
    [6, 8, 4],
    [7, 9, 5],
    [128, 2, 400],
    [128, 400, 2],
    [13, 32, 300],
    [125, 31, 257],
    [3, 1030, 17],
  ] as const;
  const transpositions = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;
  for (const [rows, columns, depth] of sizes) {
    for (const [transposeA, transposeB] of transpositions) {
      test(`${rows}x${depth} by ${depth}x${columns}, transposed: ${transposeA}, ${transposeB}`, async () => {
        await expectSameOnBoth(() => {
          const a = random(transposeA ? [depth, rows] : [rows, depth], 1);
          const b = random(transposeB ? [columns, depth] : [depth, columns], 2);
          return withGradients((x, y) => tf.matMul(x!, y!, transposeA, transposeB), [a, b]);
        });
      });
    }
  }

  for (const [transposeA, transposeB] of transpositions) {
    test(`of images that are mostly paper, some of them empty, transposed: ${transposeA}, ${transposeB}`, async () => {
      await expectSameOnBoth(() => {
        const [rows, columns, depth] = [70, 19, 300];
        // Whole tiles of zeros, steps that are zero for all rows of a tile, and single ones.
        const isInk = (row: number, k: number) => row % 16 > 5 && k % 40 > 24 && (row * k) % 3 > 0;
        const ink = Array.from({ length: rows }, (_, row) =>
          Array.from({ length: depth }, (_, k) => (isInk(row, k) ? Math.sin(row + 7 * k) : 0)),
        );
        const images = tf.tensor2d(ink);
        const a = transposeA ? tf.transpose(images) : images;
        const b = random(transposeB ? [columns, depth] : [depth, columns], 2);
        return withGradients((x, y) => tf.matMul(x!, y!, transposeA, transposeB), [a, b]);
      });
    });
  }

  test("in batches, and with a batch that is broadcast", async () => {
    await expectSameOnBoth(() => [
      tf.matMul(random([3, 5, 7], 1), random([3, 7, 9], 2)),
      tf.matMul(random([3, 5, 7], 1), random([1, 7, 9], 2)),
      tf.matMul(random([2, 3, 7, 5], 1), random([2, 3, 9, 7], 2), true, true),
    ]);
  });

  test("fused with a bias and an activation", async () => {
    for (const activation of ["linear", "relu", "sigmoid"] as const) {
      await expectSameOnBoth(() => [
        tf.fused.matMul({ a: random([5, 7], 1), b: random([7, 9], 2), bias: random([9], 3), activation }),
      ]);
    }
  });
});
