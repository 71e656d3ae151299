import { expect, it } from "vitest";
import { cellEntropies, codesInformation, countCodes } from "../../../../trainer/latent/codes/cells.ts";

/** The first cell is a fair coin, the second always the same, and the third one of four. */
const codes = [0, 1, 2, 3].flatMap((third) => [0, 1].map((first) => Uint16Array.of(first, 2, third)));

it("the entropy of a cell is that of its own codes", () => {
  const entropies = cellEntropies(codes, { rows: 1, columns: 3, size: 4 });
  expect(entropies[0]).toBeCloseTo(Math.log(2), 12);
  expect(entropies[1]).toBe(0);
  expect(entropies[2]).toBeCloseTo(Math.log(4), 12);
});

it("every cell of every image counts in the use of the codes", () => {
  expect(countCodes(codes, { size: 5 })).toEqual([4 + 2, 4 + 2, 8 + 2, 2, 0]);
});

it("codes tell which image they are of, as far as no two images have the same", () => {
  expect(codesInformation(codes)).toBeCloseTo(Math.log(8), 12);
  expect(codesInformation([...codes, ...codes])).toBeCloseTo(Math.log(8), 12);
  expect(codesInformation([codes[0]!, codes[0]!])).toBe(0);
});
