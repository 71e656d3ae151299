// The kernels draw what the reference defines, to the bit, for priors of every shape; and drawing is incremental.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import kernels from "../../../../build/decode-kernels.wasm";
import { createGenerator, uniform } from "../../../../shared/arithmetic/random.ts";
import { ArgumentError, WeightsError } from "../../../../shared/errors.ts";
import { CLASSES } from "../../../../shared/latent/classes.ts";
import { createPrior, type Prior } from "../../../../shared/latent/codes/prior.ts";
import { planPrior } from "../../../../shared/latent/codes/prior-plan.ts";
import { referencePick, referenceScores } from "../../../../shared/latent/codes/prior-reference.ts";
import type { ModelSpec } from "../../../../shared/model/spec.ts";
import { dequantize, type Weights } from "../../../../shared/model/weights.ts";
import { codesSpec, drawPriorWeights } from "./code-models.ts";

const specs = fc
  .record({
    rows: fc.integer({ min: 1, max: 4 }),
    columns: fc.integer({ min: 1, max: 4 }),
    size: fc.constantFrom(4, 12, 36),
    embedding: fc.constantFrom(4, 20),
    channels: fc.constantFrom(4, 20, 32),
    reaches: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
  })
  .map((shape) => codesSpec(shape));

/** What the reference draws, computing every cell again for each. */
function referenceDraw(spec: ModelSpec, weights: Weights, seed: string, digit: number, temperature: number) {
  const { rows, columns } = planPrior(spec);
  const next = createGenerator(seed);
  const codes = new Uint16Array(rows * columns);
  for (let cell = 0; cell < codes.length; cell++) {
    const scores = referenceScores(spec, weights, codes, digit)[cell]!;
    codes[cell] = referencePick(scores, uniform(next), temperature);
  }
  return codes;
}

const draw = (prior: Prior, seed: string, digit: number, temperature: number) =>
  prior.draw([{ next: createGenerator(seed), digit, temperature }])[0]!;

describe("the prior's kernels", () => {
  it("draw the codes that the reference draws, however many at once, at any digit and temperature", () => {
    const requests = fc.array(
      fc.record({
        seed: fc.nat(1e6).map(String),
        digit: fc.nat(CLASSES - 1),
        temperature: fc.constantFrom(0, 0.3, 1, 2),
      }),
      { minLength: 1, maxLength: 14 },
    );
    const property = fc.property(specs, requests, fc.boolean(), (spec, list, isPacked) => {
      const stored = drawPriorWeights(spec, list[0]!.seed, isPacked);
      const weights = new Map([...stored].map(([name, tensor]) => [name, dequantize(tensor)]));
      const prior = createPrior(kernels, spec, stored);
      const drawn = prior.draw(list.map(({ seed, ...rest }) => ({ ...rest, next: createGenerator(seed) })));
      expect(drawn).toEqual(
        list.map(({ seed, digit, temperature }) => referenceDraw(spec, weights, seed, digit, temperature)),
      );
    });
    fc.assert(property, { numRuns: 60, seed: 1 });
  });

  it("price codes as the reference's scores do", () => {
    const spec = codesSpec({ rows: 3, columns: 4, size: 12, embedding: 8, channels: 12, reaches: [2, 1, 1] });
    const stored = drawPriorWeights(spec, "nats", false);
    const weights = new Map([...stored].map(([name, tensor]) => [name, dequantize(tensor)]));
    const prior = createPrior(kernels, spec, stored);
    const codes = draw(prior, "a", 3, 1);
    const expected = referenceScores(spec, weights, codes, 3).reduce((nats, scores, cell) => {
      const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
      return nats - Math.log(Math.exp(scores[codes[cell]!]!) / total);
    }, 0);
    expect(prior.nats(codes, 3)).toBeCloseTo(expected, 4);
  });

  it("never let a cell see itself or what comes after it", () => {
    const spec = codesSpec({ rows: 3, columns: 3, size: 8, embedding: 8, channels: 8, reaches: [3, 1, 2] });
    const stored = drawPriorWeights(spec, "causal", false);
    const weights = new Map([...stored].map(([name, tensor]) => [name, dequantize(tensor)]));
    const codes = Uint16Array.from({ length: 9 }, (_, i) => i % 8);
    const before = referenceScores(spec, weights, codes, 5);
    for (let changed = 0; changed < 9; changed++) {
      const other = codes.with(changed, (codes[changed]! + 3) % 8);
      const after = referenceScores(spec, weights, other, 5);
      for (let cell = 0; cell <= changed; cell++) expect(after[cell]).toEqual(before[cell]);
      if (changed < 8) expect(after[changed + 1]).not.toEqual(before[changed + 1]);
    }
  });

  it("take a digit's own way", () => {
    const spec = codesSpec({ rows: 4, columns: 4, size: 36, embedding: 8, channels: 32, reaches: [1] });
    const prior = createPrior(kernels, spec, drawPriorWeights(spec, "digits", false));
    const drawn = Array.from({ length: CLASSES }, (_, digit) => draw(prior, "seed", digit, 1).join());
    expect(new Set(drawn).size).toBeGreaterThan(5);
  });

  it("refuse digits that are none, and weights that are missing or of another size", () => {
    const spec = codesSpec({ rows: 2, columns: 2, size: 8, embedding: 8, channels: 8, reaches: [1] });
    const stored = drawPriorWeights(spec, "refuse", false);
    const prior = createPrior(kernels, spec, stored);
    for (const digit of [-1, 10, 1.5]) {
      expect(() => draw(prior, "a", digit, 1)).toThrow(ArgumentError);
    }
    const without = new Map([...stored].filter(([name]) => name !== "prior_0/mix"));
    expect(() => createPrior(kernels, spec, without)).toThrow(WeightsError);
    const short = new Map([...stored, ["prior_0/mix", new Float32Array(3)]]);
    expect(() => createPrior(kernels, spec, short)).toThrow(WeightsError);
  });
});
