import { expect, it } from "vitest";
import { readerFigures } from "../../../../trainer/latent/flow/evaluate.ts";

/** Ten probabilities, the given one for digit 0. */
const sure = (confidence: number) => [confidence, ...Array<number>(9).fill((1 - confidence) / 9)];

it("a reader's calibration error is the distance of its confidence from its accuracy, bin by bin", () => {
  // 0.9 sure, right for 8 of 10; 0.5 sure, right for 6 of 10.
  const probabilities = [...Array(10).fill(sure(0.9)), ...Array(10).fill(sure(0.5))];
  const labels = [...Array(8).fill(0), 1, 2, ...Array(6).fill(0), 3, 4, 5, 6];
  const [accuracy, error] = readerFigures(probabilities, labels);
  expect(accuracy).toMatchObject({ name: "Digits read from latents", text: "70.0 %" });
  expect(error!.value).toBeCloseTo(0.1, 6);
  // Errors of opposite signs cancel within a bin, and only there.
  const [, honest] = readerFigures(Array(10).fill(sure(0.8)), [...Array(8).fill(0), 1, 1]);
  expect(honest!.value).toBeCloseTo(0, 6);
});
