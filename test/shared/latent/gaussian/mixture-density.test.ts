// Densities of latents under a mixture, and the digit that a latent stands for.

import { describe, expect, it } from "vitest";
import { exp } from "../../../../shared/arithmetic/transcendental.ts";
import { ArgumentError } from "../../../../shared/errors.ts";
import { classProbabilities, logDensity } from "../../../../shared/latent/gaussian/mixture-density.ts";
import { drawFromSeed } from "../../../../shared/latent/gaussian/sample.ts";
import { makeMixture } from "../../../fixture.ts";

const mixture = makeMixture(4, "density");

describe("the digit of a latent", () => {
  it("has probabilities that sum to 1 and follow Bayes' rule", () => {
    for (let digit = 0; digit < 10; digit++) {
      const latent = drawFromSeed("a", { digit, temperature: 0 }, 4, mixture).latent;
      const probabilities = classProbabilities(mixture, latent);
      expect(probabilities.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      const { prior } = mixture.classes[digit]!;
      const expected = prior * Math.exp(logDensity(mixture, latent, digit) - logDensity(mixture, latent));
      expect(probabilities[digit]).toBeCloseTo(expected, 12);
    }
  });

  it("is never one that the model has not learned, however far the latent", () => {
    const classes = mixture.classes.map((entry, digit) =>
      digit === 3 ? { prior: 0, components: [] } : entry,
    );
    const probabilities = classProbabilities({ ...mixture, classes }, [1e3, -1e3, 1e3, 1e3]);
    expect(probabilities[3]).toBe(0);
    expect(probabilities.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it("needs a latent of the mixture's length", () => {
    expect(() => classProbabilities(mixture, [0])).toThrow(ArgumentError);
    expect(() => logDensity(mixture, [0])).toThrow(ArgumentError);
  });
});

it("exp is the exponential to 1 in 10^15, and 0 far below", () => {
  for (let x = -690; x <= 690; x += 0.37) expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-15);
  expect([exp(0), exp(-1e9), exp(-Infinity)]).toEqual([1, 0, 0]);
});
