import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { symmetricEigen } from "../../../shared/arithmetic/linear-algebra.ts";
import { frechetDistance, momentsOf } from "../../../trainer/evaluate/frechet.ts";
import { blob } from "./sets.ts";

const gaussian = (mean: number[], covariance: number[]) => ({
  mean,
  covariance: Matrix.from1DArray(mean.length, mean.length, covariance),
});

describe("the Fréchet distance", () => {
  it("of Gaussians with diagonal covariances is that of their means and deviations", () => {
    const a = gaussian([1, 2], [4, 0, 0, 9]);
    const b = gaussian([2, 4], [1, 0, 0, 25]);
    // (1 - 2)^2 + (2 - 4)^2 + (2 - 1)^2 + (3 - 5)^2
    expect(frechetDistance(a, b)).toBeCloseTo(10, 10);
  });

  it("of two-dimensional Gaussians is the closed form by trace and determinant", () => {
    const [p, q] = [
      [2, 0.7, 0.7, 1],
      [1.5, -0.4, -0.4, 3],
    ] as const;
    // tr M^(1/2) = sqrt(tr M + 2 sqrt(det M)) for a 2 x 2 matrix M = P Q with positive eigenvalues.
    const trace = p[0] * q[0] + p[1] * q[2] + p[2] * q[1] + p[3] * q[3];
    const determinant = (p[0] * p[3] - p[1] * p[2]) * (q[0] * q[3] - q[1] * q[2]);
    const expected = p[0] + p[3] + q[0] + q[3] - 2 * Math.sqrt(trace + 2 * Math.sqrt(determinant));
    expect(frechetDistance(gaussian([0, 0], [...p]), gaussian([0, 0], [...q]))).toBeCloseTo(expected, 10);
  });

  it("of equal sets is 0, also where features are always equal", () => {
    const set = blob("equal", 500, [1, 2, 3, 4]).map((x, i) => (i % 4 === 3 ? 0 : x));
    expect(frechetDistance(momentsOf(set, 4), momentsOf(set.slice(), 4))).toBe(0);
    const reversed = set.map((_, i) => set[set.length - 4 - (i - (i % 4)) + (i % 4)]!);
    expect(frechetDistance(momentsOf(set, 4), momentsOf(reversed, 4))).toBeCloseTo(0, 6);
  });

  it("of samples comes near that of what they are drawn from", () => {
    const centred = momentsOf(blob("a", 4000, [0, 0, 0]), 3);
    const near = frechetDistance(centred, momentsOf(blob("b", 4000, [0, 0, 0]), 3));
    const far = frechetDistance(centred, momentsOf(blob("b", 4000, [1, 2, 0], 2), 3));
    expect(near).toBeLessThan(0.01);
    expect(far).toBeGreaterThan(7.6);
    expect(far).toBeLessThan(8.4);
  });

  it("is refused for a single image, and for features that break off", () => {
    expect(() => momentsOf(new Float32Array(4), 4)).toThrow(/at least 2 images; found 4 numbers/);
    expect(() => momentsOf(new Float32Array(9), 4)).toThrow(/found 9 numbers/);
  });
});

describe("the eigenvectors of a symmetric matrix", () => {
  it("are orthonormal and rebuild it", () => {
    const n = 24;
    const covariance = Float64Array.from(
      momentsOf(blob("eigen", 60, new Array(n).fill(0)), n).covariance.to1DArray(),
    );
    const { values, vectors } = symmetricEigen(covariance, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let [dot, rebuilt] = [0, 0];
        for (let k = 0; k < n; k++) {
          dot += vectors[i * n + k]! * vectors[j * n + k]!;
          rebuilt += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
        }
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 10);
        expect(rebuilt).toBeCloseTo(covariance[i * n + j]!, 10);
      }
    }
  });
});
