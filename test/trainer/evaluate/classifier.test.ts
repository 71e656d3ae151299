import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createGenerator, uniform } from "../../../shared/arithmetic/random.ts";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { gatherImages, loadDataset, MNIST } from "../../../trainer/data/dataset.ts";
import { DatasetError } from "../../../trainer/errors.ts";
import {
  accuracyOf,
  createClassifier,
  loadClassifier,
} from "../../../trainer/evaluate/classifier/classifier.ts";
import { classifierFolder } from "../../../trainer/evaluate/classifier/file.ts";
import { FEATURES } from "../../../trainer/evaluate/classifier/network.ts";
import { trainClassifier } from "../../../trainer/evaluate/classifier/train.ts";
import { createJudge } from "../../../trainer/evaluate/judge.ts";
import { temporaryFolder } from "../../folder.ts";

const firstImages = (count: number, from = 0) => Uint32Array.from({ length: count }, (_, i) => from + i);

describe("the kept classifier", () => {
  it("reads at least 99.3 % of the test images, to the image what is recorded beside its weights", async () => {
    const { card, classify } = await loadClassifier();
    const test = await loadDataset(MNIST, "t10k");
    const accuracy = accuracyOf(classify(gatherImages(test, firstImages(test.count))).digits, test.labels);
    expect(accuracy).toBeGreaterThanOrEqual(0.993);
    expect(accuracy).toBe(card.accuracy.test);
  });

  it("finds real digits close to real digits, and noise and blanks far away", async () => {
    await selectBackend("wasm");
    const { classify } = await loadClassifier();
    const test = await loadDataset(MNIST, "t10k");
    const real = gatherImages(test, firstImages(1000));
    expect(classify(real).features.length).toBe(1000 * FEATURES);
    const judge = await createJudge(classify, real);
    const others = gatherImages(test, firstImages(1000, 1000));
    const digits = await judge(others, test.labels.subarray(1000, 2000));
    const pattern = (value: (i: number) => number) => judge(others.map((_, i) => value(i)));
    const next = createGenerator("noise");
    const [noise, black] = [await pattern(() => uniform(next)), await pattern(() => 0)];
    expect(digits.classAccuracy).toBeGreaterThan(0.98);
    expect(digits.classCounts.reduce((sum, n) => sum + n)).toBe(1000);
    expect(Math.min(digits.precision, digits.recall)).toBeGreaterThan(0.6);
    for (const unreal of [noise, black]) {
      expect(Math.max(unreal.precision, unreal.recall)).toBeLessThan(0.01);
      expect(unreal.frechet).toBeGreaterThan(20 * digits.frechet);
    }
    expect(digits.sharpness).toBeCloseTo(1, 1);
    expect(noise.sharpness).toBeGreaterThan(5);
    expect(black.sharpness).toBe(0);
    expect(noise.classAccuracy).toBeUndefined();
    const confident = (images: Float32Array) =>
      classify(images).confidences.filter((confidence) => confidence > 0.9).length / 1000;
    expect(confident(others)).toBeGreaterThan(0.95);
    // Each image over the next one; of pure noise the classifier is as sure as of digits.
    const double = others.map((value, i) => (value + others[(i + 784) % others.length]!) / 2);
    expect(confident(double)).toBeLessThan(0.7);
  });

  it("is refused with a damaged or missing file, by its name", async () => {
    const folder = await temporaryFolder();
    for (const name of ["weights.bin", "weights.json"])
      await cp(join(classifierFolder(), name), join(folder, name));
    const bytes = await readFile(join(folder, "weights.bin"));
    bytes[1000]! ^= 1;
    await writeFile(join(folder, "weights.bin"), bytes);
    await expect(loadClassifier(folder)).rejects.toThrow(
      /weights\.bin is damaged: its SHA-256 is .*git checkout/,
    );
    await writeFile(join(folder, "weights.json"), '{"sha256": "0"}');
    await expect(loadClassifier(folder)).rejects.toThrow(/weights\.json is damaged at sha256/);
    await rm(join(folder, "weights.bin"));
    await expect(loadClassifier(folder)).rejects.toThrow(/cannot read .*weights\.bin/);
    await expect(loadClassifier(folder)).rejects.toThrow(DatasetError);
  });
});

describe("training a classifier", () => {
  it("learns from a thousand images, the same way each time", { tags: ["slow"] }, async () => {
    await selectBackend("wasm");
    const data = await loadDataset(MNIST, "train");
    const training = { epochs: 3, batchSize: 50, learningRate: 0.002, dropout: 0, averaged: 1, seed: "0" };
    const losses: number[] = [];
    const weights = await trainClassifier(data, firstImages(1000), training, (_, loss) => losses.push(loss));
    expect(losses).toHaveLength(3);
    expect(losses[2]).toBeLessThan(losses[0]! / 2);
    const unseen = firstImages(500, 1000);
    const accuracy = accuracyOf(
      createClassifier(weights)(gatherImages(data, unseen)).digits,
      data.labels.subarray(1000, 1500),
    );
    expect(accuracy).toBeGreaterThan(0.8);
    const short = { ...training, epochs: 1 };
    const [a, b] = [
      await trainClassifier(data, firstImages(200), short),
      await trainClassifier(data, firstImages(200), short),
    ];
    expect(b).toEqual(a);
  });
});
