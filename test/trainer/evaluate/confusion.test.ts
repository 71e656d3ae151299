import { expect, it } from "vitest";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { gatherImages, loadDataset, MNIST } from "../../../trainer/data/dataset.ts";
import { loadClassifier } from "../../../trainer/evaluate/classifier/classifier.ts";
import { type Evaluation, readEvaluation, writeEvaluation } from "../../../trainer/evaluate/evaluation.ts";
import { confusionOf, createJudge } from "../../../trainer/evaluate/judge.ts";
import { formatEvaluation } from "../../../trainer/evaluate/table.ts";
import { temporaryFolder } from "../../folder.ts";

it("a confusion matrix counts what each digit that was asked for is recognised as", () => {
  const counts = confusionOf(Uint8Array.of(3, 3, 8, 0, 9), Uint8Array.of(3, 3, 3, 0, 4));
  expect(counts[3]).toEqual([0, 0, 0, 2, 0, 0, 0, 0, 1, 0]);
  expect(counts[4]![9]).toBe(1);
  expect(counts.flat().reduce((sum, count) => sum + count)).toBe(5);
});

it("the judge's confusion matrix agrees with its class counts and its accuracy", async () => {
  await selectBackend("wasm");
  const test = await loadDataset(MNIST, "t10k");
  const images = gatherImages(
    test,
    Uint32Array.from({ length: 300 }, (_, i) => i),
  );
  const { classify } = await loadClassifier();
  // A tenth of the images is asked for as the next digit.
  const intended = test.labels.slice(0, 300).map((label, i) => (i % 10 === 0 ? (label + 1) % 10 : label));
  const { confusion, classCounts, classAccuracy } = await (await createJudge(classify, images))(
    images,
    intended,
  );
  const columns = classCounts.map((_, digit) => confusion!.reduce((sum, row) => sum + row[digit]!, 0));
  expect(columns).toEqual(classCounts);
  const right = confusion!.reduce((sum, row, digit) => sum + row[digit]!, 0);
  expect(right / 300).toBeCloseTo(classAccuracy!, 10);
  expect(right).toBeLessThan(275);
  for (const [digit, row] of confusion!.entries()) {
    expect(row.reduce((sum, count) => sum + count)).toBe(intended.filter((one) => one === digit).length);
  }
});

it("an evaluation keeps the confusion matrix and the KL of each dimension, and its table shows the counts", async () => {
  const confusion = Array.from({ length: 10 }, (_, asked) =>
    Array.from({ length: 10 }, (_, recognised) => 100 * asked + recognised),
  );
  const evaluation: Evaluation = {
    schema: 3,
    epochs: 1,
    stageEpochs: {},
    data: "MNIST",
    on: "validation",
    images: 60,
    quantized: {
      loss: { reconstruction: 100, kl: 3, total: 103 },
      figures: [],
      klPerDimension: [2.5, 0.5],
      confusion,
    },
  };
  const folder = await temporaryFolder();
  await writeEvaluation(folder, evaluation);
  expect((await readEvaluation(folder))?.quantized).toEqual(evaluation.quantized);
  const lines = formatEvaluation(folder, evaluation)
    .split("\n")
    .map((line) => line.trim().split(/\s{2,}/));
  expect(lines).toContainEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  expect(lines).toContainEqual(["digit=4, recognised as", ...confusion[4]!.map(String)]);
});
