// What gives drawn digits away: the figures are right on images that are known, and the same every time.

import { beforeAll, describe, expect, it } from "vitest";
import { createGenerator, uniform } from "../../../shared/arithmetic/random.ts";
import { ArgumentError } from "../../../shared/errors.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { type Dataset, gatherImages, loadDataset, MNIST } from "../../../trainer/data/dataset.ts";
import { realismOf } from "../../../trainer/evaluate/realism.ts";
import { twoSampleAccuracy } from "../../../trainer/evaluate/two-sample.ts";

const SMALL = { network: "small", tone: "grey" } as const;
const indices = (from: number, count: number) => Uint32Array.from({ length: count }, (_, i) => from + i);

let file: Dataset;
let real: Float32Array;
let others: Float32Array;
let noise: Float32Array;

beforeAll(async () => {
  await selectBackend("wasm");
  file = await loadDataset(MNIST, "train");
  real = gatherImages(file, indices(0, 500));
  others = gatherImages(file, indices(500, 500));
  const next = createGenerator("noise");
  noise = real.map(() => Math.round(255 * uniform(next)) / 255);
});

describe("the two-sample test", () => {
  it.each([SMALL, { network: "small", tone: "thresholded" }, { network: "strict", tone: "grey" }] as const)(
    "tells noise from digits: $network, $tone",
    { tags: ["slow"] },
    async (test) => {
      const counts = { learned: 64, judged: 100 };
      expect(await twoSampleAccuracy(noise, real, test, counts, "0")).toBeGreaterThan(0.97);
    },
  );

  it("does not tell real digits from others, the same way every time", async () => {
    const counts = { learned: 128, judged: 300 };
    const accuracy = await twoSampleAccuracy(others, real, SMALL, counts, "0");
    expect(Math.abs(accuracy - 0.5)).toBeLessThan(0.15);
    expect(await twoSampleAccuracy(others, real, SMALL, counts, "0")).toBe(accuracy);
  });

  it("refuses sides with fewer images than it takes", async () => {
    const test = twoSampleAccuracy(others, real, SMALL, { learned: 400, judged: 200 }, "0");
    await expect(test).rejects.toThrow(new ArgumentError("expected 600 images a side, found 500"));
  });
});

it("what gives digits away is measured: faint and full pixels, and copies of training images", {
  tags: ["slow"],
}, async () => {
  const training = indices(500, 500);
  const against = { evaluated: real, others, file, training };
  const valuesOf = async (images: Float32Array) =>
    (await realismOf(images, against, {})).map(({ value }) => value);
  const [, , nearest] = await valuesOf(real);
  // Held-out digits lie some way from 500 others; copies of these do not.
  expect(nearest).toBeGreaterThan(4);
  expect((await valuesOf(others))[2]).toBeLessThan(0.02);
  const tested = await realismOf(real, against, { twoSample: { learned: 32, judged: 50 } }, others);
  expect(tested.slice(3).map(({ name }) => name)).toEqual([
    "Two-sample test, small, grey (32 + 50 images a side, mean of 3 seeds)",
    "Two-sample test, small, thresholded (32 + 50 images a side, mean of 3 seeds)",
    "Two-sample test, strict, grey (32 + 50 images a side, mean of 3 seeds)",
  ]);
  for (const { value } of tested.slice(3)) expect(Math.abs(value - 0.5)).toBeLessThan(0.3);
  // Half of the pixels of an image at level 4, the rest at 5, 249, 250 and 255.
  const levels = [4, 4, 4, 4, 5, 249, 250, 255];
  const known = Float32Array.from({ length: 2 * 784 }, (_, i) => levels[i % levels.length]! / 255);
  const [faint, full] = await valuesOf(known);
  expect([faint, full]).toEqual([392, 0.25]);
});
