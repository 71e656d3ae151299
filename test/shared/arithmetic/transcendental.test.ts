import { describe, expect, it } from "vitest";
import {
  acos,
  expFloat32,
  inverseNormalCdf,
  ln,
  sigmoidFloat32,
  sin,
} from "../../../shared/arithmetic/transcendental.ts";

const grid = (from: number, to: number) =>
  Array.from({ length: 10_001 }, (_, i) => from + ((to - from) * i) / 10_000);
const worst = (xs: readonly number[], error: (x: number) => number) =>
  xs.reduce((max, x) => Math.max(max, Math.abs(error(x))), 0);

describe("the arithmetic of s1", () => {
  it("agrees with the engine's own functions to a few units in the last place", () => {
    expect(worst(grid(1e-9, 50), (x) => ln(x) - Math.log(x))).toBeLessThan(1e-14);
    expect(worst(grid(0, Math.PI), (x) => sin(x) - Math.sin(x))).toBeLessThan(1e-15);
    expect(worst(grid(-1, 1), (x) => acos(x) - Math.acos(x))).toBeLessThan(1e-14);
    expect(worst(grid(-79, 79).map(Math.fround), (x) => expFloat32(x) / Math.exp(x) - 1)).toBeLessThan(2e-7);
    expect(
      worst(grid(-30, 30).map(Math.fround), (x) => sigmoidFloat32(x) - 1 / (1 + Math.exp(-x))),
    ).toBeLessThan(2e-7);
  });

  // Values of Python's statistics.NormalDist().inv_cdf.
  it.each([
    [1e-10, -6.361340902404056],
    [1e-6, -4.753424308822899],
    [0.02, -2.0537489106318225],
    [0.3, -0.5244005127080407],
    [0.5, 0],
    [0.99, 2.3263478740408408],
    [0.9999999, 5.199337582290662],
  ])("puts the normal quantile of %d at %d", (p, expected) => {
    expect(inverseNormalCdf(p)).toBeCloseTo(expected, 12);
  });

  it("saturates the sigmoid without overflow", () => {
    expect(sigmoidFloat32(1e30)).toBe(1);
    expect(sigmoidFloat32(-1e30)).toBeLessThan(1e-30);
    expect(sigmoidFloat32(0)).toBe(0.5);
  });
});
