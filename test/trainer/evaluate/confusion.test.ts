import { expect, it } from "vitest";
import { selectBackend } from "../../../trainer/backend/registry.ts";
import { gatherImages, loadDataset, MNIST } from "../../../trainer/data/dataset.ts";
import { loadClassifier } from "../../../trainer/evaluate/classifier/classifier.ts";
import { confusionOf, createJudge } from "../../../trainer/evaluate/judge.ts";

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
