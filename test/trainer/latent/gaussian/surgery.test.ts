// ELBO surgery against closed forms: an encoder N(a x, s^2) of images x ~ N(0, I), whose aggregate posterior is
// N(0, a^2 + s^2) and whose mutual information is 0.5 log(1 + a^2 / s^2) in each dimension.

import { describe, expect, it } from "vitest";
import type { Posterior } from "../../../../trainer/latent/gaussian/autoencoder.ts";
import {
  dissect,
  drawPosteriors,
  indexInformation,
  logNormal,
  rateUnder,
  surgeryFigures,
} from "../../../../trainer/latent/gaussian/surgery.ts";
import { blob } from "../../evaluate/sets.ts";

const COUNT = 4000;
/** By dimension: a, s. */
const ENCODERS = [
  [0.8, 0.6],
  [1.5, 0.5],
  [0, 1],
] as const;
const D = ENCODERS.length;
const SHIFT = 0.7;

/** Posteriors of drawn images, all shifted in the second dimension. */
const posterior: Posterior = {
  mu: blob("surgery", COUNT, [0, 0, 0]).map((x, i) => ENCODERS[i % D]![0] * x + (i % D === 1 ? SHIFT : 0)),
  logVar: Float32Array.from({ length: COUNT * D }, (_, i) => 2 * Math.log(ENCODERS[i % D]![1])),
};
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const information = sum(ENCODERS.map(([a, s]) => 0.5 * Math.log(1 + (a / s) ** 2)));
const marginalKl = sum(
  ENCODERS.map(([a, s], i) => {
    const variance = a * a + s * s;
    return 0.5 * (variance + (i === 1 ? SHIFT ** 2 : 0) - 1 - Math.log(variance));
  }),
);
/** log density of the aggregate posterior. */
const logAggregate = (z: Float32Array) =>
  sum(
    ENCODERS.map(([a, s], i) => {
      const variance = a * a + s * s;
      return -0.5 * (Math.log(2 * Math.PI * variance) + (z[i]! - (i === 1 ? SHIFT : 0)) ** 2 / variance);
    }),
  );

describe("the parts of the KL", () => {
  const parts = dissect(posterior, D, undefined, "draws");

  it("are those of a Gaussian encoder with a known aggregate posterior", () => {
    expect(parts.images).toBe(COUNT);
    expect(Math.abs(parts.information.mean - information)).toBeLessThan(4 * parts.information.error + 0.01);
    expect(parts.information.error).toBeLessThan(0.02);
    expect(parts.kl - parts.information.mean).toBeCloseTo(marginalKl, 1);
    // An unused dimension has neither KL nor a mean that moves.
    expect(parts.klPerDimension[2]).toBe(0);
    expect(parts.variances[2]).toBe(0);
    expect(sum(parts.klPerDimension)).toBeCloseTo(parts.kl, 10);
  });

  it("add up to the mean KL that is drawn, I(n; z) + KL(q(z) || p(z))", () => {
    const draws = drawPosteriors(posterior, "draws");
    const drawn = Float64Array.from({ length: COUNT }, (_, image) => {
      const z = draws.subarray(image * D, (image + 1) * D);
      const log = sum(
        Array.from(z, (value, i) => {
          const at = image * D + i;
          const squared = (value - posterior.mu[at]!) ** 2 * Math.exp(-posterior.logVar[at]!);
          return -0.5 * (Math.log(2 * Math.PI) + posterior.logVar[at]! + squared);
        }),
      );
      return log - logNormal(z);
    });
    expect(sum([...drawn]) / COUNT).toBeCloseTo(parts.kl, 1);
    const tell = surgeryFigures(parts);
    const value = (name: string) => tell.find((figure) => figure.name.startsWith(name))!.value;
    expect(value("Mutual information") + value("Marginal KL")).toBeCloseTo(parts.kl, 10);
  });

  it("have no marginal KL to a prior that is the aggregate posterior, and all of it to N(0, I)", () => {
    const learned = { name: "aggregate", logDensity: logAggregate, draws: 3000 };
    const { learned: found, information: estimate } = dissect(posterior, D, learned, "draws");
    expect(found!.draws).toBe(3000);
    expect(found!.rate.mean - estimate.mean).toBeCloseTo(0, 1);
    const exact = rateUnder(logNormal, posterior, drawPosteriors(posterior, "draws"), D);
    expect(exact).toEqual({ mean: parts.kl, error: 0 });
  });
});

describe("the mutual information", () => {
  const of = (mu: readonly number[]) => {
    const some = { mu: Float32Array.from(mu), logVar: new Float32Array(mu.length) };
    return indexInformation(some, drawPosteriors(some, "draws"), 1).mean;
  };

  it("is log N where no two posteriors overlap, and 0 where all are the same", () => {
    expect(of([0, 100, 200, 300, 400])).toBeCloseTo(Math.log(5), 10);
    expect(of([2, 2, 2, 2])).toBeCloseTo(0, 10);
    expect(of([0, 0, 100, 100])).toBeCloseTo(Math.log(2), 10);
  });

  it("is never above log N", () => {
    const { mean } = indexInformation(posterior, drawPosteriors(posterior, "draws").subarray(0, 300), D);
    expect(mean).toBeLessThan(Math.log(COUNT));
  });
});
