// The promise of scheme vq1: the bits of test/vectors/vq1.json, in Node and in workerd alike, by kernels and reference.

import { describe, expect, it } from "vitest";
import kernels from "../../../../build/decode-kernels.wasm";
import { createGenerator, uniform } from "../../../../shared/arithmetic/random.ts";
import { CODES_SCHEME } from "../../../../shared/latent/codes/kind.ts";
import { createCodesLatent } from "../../../../shared/latent/codes/latent.ts";
import { referencePick, referenceScores } from "../../../../shared/latent/codes/prior-reference.ts";
import { dequantize } from "../../../../shared/model/weights.ts";
import { choices, codeSeeds, computeCodes, spec, weights } from "../../../vectors/frozen-codes.ts";
import frozen from "../../../vectors/vq1.json" with { type: "json" };

describe(`scheme ${CODES_SCHEME} gives the frozen`, () => {
  it("codes, digits and pixels of 200 seeds", () => {
    expect(frozen.scheme).toBe(CODES_SCHEME);
    expect(codeSeeds).toHaveLength(200);
    const { scheme: _, ...expected } = frozen;
    expect(computeCodes(kernels)).toEqual(expected);
  });

  it("codes that the reference chooses too, cell by cell", () => {
    const model = createCodesLatent(kernels, spec, weights);
    const values = new Map([...weights].map(([name, tensor]) => [name, dequantize(tensor)]));
    for (const [index, choice] of choices.entries()) {
      const seed = codeSeeds[index * 7]!;
      const { values: codes, digit } = model.draw(seed, choice);
      const scores = referenceScores(spec, values, codes, digit);
      const next = createGenerator(seed);
      uniform(next); // The digit's.
      const chosen = scores.map((cell) => referencePick(cell, uniform(next), choice.temperature));
      expect([...codes]).toEqual(chosen);
    }
  });
});
