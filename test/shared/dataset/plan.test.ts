// The promise of generated data sets: seed, options and index decide every image.

import { describe, expect, it } from "vitest";
import { idxHeader } from "../../../shared/dataset/idx.ts";
import { DEFAULT_SET, MAX_IMAGES, MAX_SET_SEED_LENGTH, planSet } from "../../../shared/dataset/plan.ts";
import { EdgeDigitsError } from "../../../shared/errors.ts";

const set = { ...DEFAULT_SET, seed: "7" };
const labelsOf = (options: typeof set, count: number) =>
  planSet(options)("train", 0, count).map(({ digit }) => digit);
const countsOf = (labels: readonly number[]) => {
  return set.digits.map((digit) => labels.filter((label) => label === digit).length);
};

describe("the plan of a data set", () => {
  it("never changes", () => {
    expect(labelsOf(set, 24).join("")).toBe("143489207636243651875941");
    const [image] = planSet({ ...set, slant: [-10, 15], weight: [0.85, 1.3] })("t10k", 123, 1);
    const hand = { slant: 4, weight: 1.2 };
    expect(image).toEqual({ seed: "7/t10k/123", digit: 9, temperature: 1, hand });
  });

  it("is the same wherever it begins", () => {
    const plan = planSet({ ...set, slant: [-10, 10], weight: [0.7, 1.6] });
    expect(plan("train", 90, 10)).toEqual(plan("train", 0, 100).slice(90));
    expect(plan("train", 0, 100)).not.toEqual(plan("t10k", 0, 100));
  });

  it("has MNIST's shares of the digits, or equal ones, or some digits only", () => {
    const shares = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949].map(
      (count) => count / 60_000,
    );
    // Chi-squared with 9 degrees of freedom: 27.9 has a probability of 0.001.
    const distance = (counts: readonly number[], expected: readonly number[]) =>
      counts.reduce(
        (sum, count, i) => sum + (count - 20_000 * expected[i]!) ** 2 / (20_000 * expected[i]!),
        0,
      );
    const equal = shares.map(() => 0.1);
    const mnist = countsOf(labelsOf(set, 20_000));
    const uniform = countsOf(labelsOf({ ...set, balance: "uniform" }, 20_000));
    expect(distance(mnist, shares)).toBeLessThan(27.9);
    expect(distance(uniform, equal)).toBeLessThan(27.9);
    expect(distance(mnist, equal)).toBeGreaterThan(50);
    const some = countsOf(labelsOf({ ...set, digits: [1, 7] }, 1000));
    expect(some.map((count) => count > 0)).toEqual(set.digits.map((digit) => [1, 7].includes(digit)));
  });

  it("spreads slant and weight evenly between their ends, which both occur", () => {
    const images = planSet({ ...set, slant: [-2, 2], weight: [0.9, 0.92] })("train", 0, 3000);
    const slants = Map.groupBy(images, ({ hand }) => hand.slant);
    const weights = Map.groupBy(images, ({ hand }) => hand.weight);
    expect([...slants.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    expect([...weights.keys()].sort()).toEqual([0.9, 0.91, 0.92]);
    for (const { length } of slants.values()) expect(Math.abs(length - 600)).toBeLessThan(90);
    for (const { length } of weights.values()) expect(Math.abs(length - 1000)).toBeLessThan(110);
  });

  it("gives images seeds that /sample takes, up to the last index of the longest seed", () => {
    const longest = { ...set, seed: "é".repeat(MAX_SET_SEED_LENGTH), slant: [0, 5] as const };
    expect(planSet(longest)("train", MAX_IMAGES - 1, 1)).toHaveLength(1);
  });

  it.each([
    [{ seed: "" }, "1 to"],
    [{ seed: "a".repeat(MAX_SET_SEED_LENGTH + 1) }, "1 to"],
    [{ digits: [] }, "at least one digit"],
    [{ digits: [3, 10] }, "0 to 9, found 10"],
    [{ balance: "fair" as "mnist" }, "mnist or uniform, found fair"],
    [{ slant: [10, -10] as const }, "slant: expected LOW..HIGH"],
    [{ slant: [-31, 0] as const }, "found -31..0"],
    [{ slant: [0, 0.5] as const }, "steps of 1"],
    [{ weight: [0.7, 1.7] as const }, "from 0.7 to 1.6"],
    [{ weight: [0.701, 1] as const }, "steps of 0.01"],
    [{ weight: [Number.NaN, 1] as const }, "found NaN..1"],
  ])("refuses %j", (options, message) => {
    const make = () => planSet({ ...set, ...options });
    expect(make).toThrow(EdgeDigitsError);
    expect(make).toThrow(message);
  });
});

describe("an IDX header", () => {
  it("is the one that MNIST's training images have", () => {
    const header = [0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28];
    expect([...idxHeader([60_000, 28, 28])]).toEqual(header);
  });
});
