import { describe, expect, it } from "vitest";
import { gatherImages, loadDataset, MNIST } from "../../../trainer/data/dataset.ts";
import { sharpnessOf } from "../../../trainer/evaluate/sharpness.ts";

const SIDE = 28;

describe("sharpness", () => {
  it("is the variance of the Laplacian", () => {
    const point = new Float32Array(SIDE * SIDE);
    point[14 * SIDE + 14] = 1;
    // One -4 and four 1 among 26 x 26 inner pixels, with mean 0.
    expect(sharpnessOf(point)).toBeCloseTo(20 / 676, 10);
    expect(sharpnessOf(new Float32Array(3 * SIDE * SIDE).fill(0.7))).toBeCloseTo(0, 10);
    const both = new Float32Array([...point, ...new Float32Array(SIDE * SIDE)]);
    expect(sharpnessOf(both)).toBeCloseTo(10 / 676, 10);
  });

  it("falls with blur and with the mean of two digits", async () => {
    const test = await loadDataset(MNIST, "t10k");
    const images = gatherImages(
      test,
      Uint32Array.from({ length: 100 }, (_, i) => i),
    );
    const blurred = images.map((value, i) => (value + (images[i + 1] ?? 0) + (images[i + SIDE] ?? 0)) / 3);
    const means = images.map((value, i) => (value + images[(i + SIDE * SIDE) % images.length]!) / 2);
    expect(sharpnessOf(blurred)).toBeLessThan(0.5 * sharpnessOf(images));
    expect(sharpnessOf(means)).toBeLessThan(0.7 * sharpnessOf(images));
  });
});
