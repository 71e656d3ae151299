import { describe, expect, it } from "vitest";
import { createGenerator, sampleNormal, uniform } from "../../../../shared/arithmetic/random.ts";
import { ArgumentError } from "../../../../shared/errors.ts";
import { type Mixture, packMixture } from "../../../../shared/latent/gaussian/mixture.ts";
import { logDensity } from "../../../../shared/latent/gaussian/mixture-density.ts";
import { digitShares } from "../../../../trainer/data/dataset.ts";
import { expectationMaximisation } from "../../../../trainer/latent/gaussian/em.ts";
import { fitMixture, type LabelledLatents } from "../../../../trainer/latent/gaussian/fit.ts";

/** Component of a known mixture in the plane: weight, mean, lower factor. */
type Truth = { weight: number; mean: [number, number]; factor: [number, number, number] };

const three: Truth[] = [
  { weight: 0.5, mean: [-2, 0], factor: [0.8, 0.3, 0.4] },
  { weight: 0.3, mean: [2, 1], factor: [0.5, -0.4, 0.7] },
  { weight: 0.2, mean: [0, 4], factor: [0.3, 0, 1] },
];
const one: Truth[] = [{ weight: 1, mean: [1, -1], factor: [1.5, 0.9, 0.5] }];
const ring: Truth[] = Array.from({ length: 5 }, (_, k) => ({
  weight: 0.2,
  mean: [4 * Math.cos(1.2566 * k), 4 * Math.sin(1.2566 * k)],
  factor: [0.5, 0, 0.5],
}));

const shareUpTo = (truth: readonly Truth[], k: number) =>
  truth.slice(0, k + 1).reduce((sum, { weight }) => sum + weight, 0);

function drawPoints(truth: readonly Truth[], n: number, seed: string): Float64Array {
  const next = createGenerator(seed);
  const normals = new Float32Array(2);
  const points = new Float64Array(2 * n);
  for (let p = 0; p < n; p++) {
    const u = uniform(next);
    const { mean, factor } = truth.find((_, k) => u < shareUpTo(truth, k)) ?? truth[0]!;
    sampleNormal(next, normals);
    points[2 * p] = mean[0] + factor[0] * normals[0]!;
    points[2 * p + 1] = mean[1] + factor[1] * normals[0]! + factor[2] * normals[1]!;
  }
  return points;
}

/** Points of several digits, mixed. */
function label(byDigit: ReadonlyMap<number, Float64Array>): LabelledLatents {
  const rows = [...byDigit].flatMap(([digit, points]) =>
    Array.from({ length: points.length / 2 }, (_, p) => ({
      digit,
      point: points.subarray(2 * p, 2 * p + 2),
      p,
    })),
  );
  rows.sort((a, b) => a.p - b.p);
  return {
    latents: Float32Array.from(rows.flatMap(({ point }) => [...point])),
    labels: Uint8Array.from(rows, ({ digit }) => digit),
  };
}

/** The truth as a mixture whose only digit is 0. */
function asMixture(truth: readonly Truth[]): Mixture {
  const components = truth.map(({ weight, mean, factor: [a, b, c] }) => ({
    weight,
    mean: Float32Array.from(mean),
    factor: Float32Array.of(a, b, c),
  }));
  const classes = Array.from({ length: 10 }, (_, digit) =>
    digit === 0 ? { prior: 1, components } : { prior: 0, components: [] },
  );
  return { latentDim: 2, classes };
}

const options = { components: 3, maxIterations: 300, tolerance: 1e-9, priorPoints: 1 };

describe("expectation-maximisation", () => {
  it("recovers a known mixture: weights, means, covariances and likelihood", () => {
    const points = drawPoints(three, 6000, "three");
    const { gaussians, objective } = expectationMaximisation(points, 2, options, createGenerator("start"));
    expect(gaussians.count).toBe(3);
    expect(objective.length).toBeLessThan(options.maxIterations);
    for (const { weight, mean, factor } of three) {
      const distance = (k: number) =>
        Math.hypot(gaussians.means[2 * k]! - mean[0], gaussians.means[2 * k + 1]! - mean[1]);
      const k = [0, 1, 2].reduce((a, b) => (distance(b) < distance(a) ? b : a));
      expect(distance(k)).toBeLessThan(0.08);
      expect(gaussians.weights[k]).toBeCloseTo(weight, 1.5);
      factor.forEach((value, at) => {
        expect(Math.abs(gaussians.factors[3 * k + at]! - value)).toBeLessThan(0.06);
      });
    }
  });

  it.each([1, 2, 3, 6])("never lowers the likelihood with %d components", (components) => {
    const points = drawPoints(three, 1500, "ascent");
    const { objective } = expectationMaximisation(
      points,
      2,
      { ...options, components, priorPoints: 5 },
      createGenerator("start"),
    );
    const plain = expectationMaximisation(
      points,
      2,
      { ...options, components, priorPoints: 1e-9 },
      createGenerator("start"),
    ).objective;
    for (const history of [objective, plain]) {
      expect(history.length).toBeGreaterThan(1);
      for (let i = 1; i < history.length; i++) expect(history[i]! - history[i - 1]!).toBeGreaterThan(-1e-9);
    }
  });

  it("drops components that there are no points for", () => {
    const twoPlaces = Float64Array.from({ length: 80 }, (_, at) => (at < 40 ? 1 : -1));
    const { gaussians } = expectationMaximisation(twoPlaces, 2, options, createGenerator("start"));
    expect(gaussians.count).toBe(2);
    expect(gaussians.factors.subarray(0, 6).every(Number.isFinite)).toBe(true);
  });
});

describe("the mixture of the aggregate posterior", () => {
  const training = label(
    new Map([
      [0, drawPoints(three, 2000, "0")],
      [1, drawPoints(one, 1000, "1")],
      [7, drawPoints(ring, 1000, "7")],
    ]),
  );
  const validation = label(
    new Map([
      [0, drawPoints(three, 400, "0 held out")],
      [1, drawPoints(one, 400, "1 held out")],
      [7, drawPoints(ring, 400, "7 held out")],
    ]),
  );
  const shares = digitShares(training.labels);
  const fitAll = () => fitMixture(training, 2, { shares, validation, candidates: [1, 2, 3, 5, 8] });
  const mixture = fitAll();
  const countsOf = ({ classes }: Mixture) => classes.map(({ components }) => components.length);

  it("has as many components as a class has modes: one for a Gaussian", () => {
    expect(countsOf(mixture)).toEqual([3, 1, 0, 0, 0, 0, 0, 5, 0, 0]);
  });

  it("has the shares that it is given as class priors, and no components for a class without points", () => {
    expect(mixture.classes.map(({ prior }) => prior)).toEqual([0.5, 0.25, 0, 0, 0, 0, 0, 0.25, 0, 0]);
    const edited = Float32Array.of(0.25, 0.5, 0, 0, 0, 0, 0, 0.25, 0, 0);
    const other = fitMixture(training, 2, { shares: edited, validation, candidates: [1] });
    expect(other.classes.map(({ prior }) => prior)).toEqual([...edited]);
  });

  it("gives unseen points the likelihood that the truth gives them, within 0.02 nats", () => {
    const points = drawPoints(three, 2000, "unseen");
    const truth = asMixture(three);
    let difference = 0;
    for (let p = 0; p < 2000; p++) {
      const point = points.subarray(2 * p, 2 * p + 2);
      difference += (logDensity(mixture, point, 0) - logDensity(truth, point, 0)) / 2000;
    }
    expect(Math.abs(difference)).toBeLessThan(0.02);
  });

  it("is a density: the classes' densities weighted by their priors, and 1 in all", () => {
    const step = 0.1;
    let total = 0;
    for (let x = -9; x < 9; x += step) {
      for (let y = -9; y < 9; y += step) total += step ** 2 * Math.exp(logDensity(mixture, [x, y]));
    }
    expect(total).toBeCloseTo(1, 3);
    const point = [0.5, 0.5];
    const byClass = mixture.classes.reduce(
      (sum, { prior }, digit) => sum + (prior ? prior * Math.exp(logDensity(mixture, point, digit)) : 0),
      0,
    );
    expect(logDensity(mixture, point)).toBeCloseTo(Math.log(byClass), 9);
    expect(logDensity(mixture, point, 2)).toBe(-Infinity);
  });

  it("is the same for the same latents, and packs", () => {
    expect(packMixture(fitAll())).toEqual(packMixture(mixture));
  });

  it("says how far it is after every fit", () => {
    const seen: number[][] = [];
    const onProgress = (...progress: number[]) => seen.push(progress);
    fitMixture(training, 2, { shares, validation, candidates: [1, 2], onProgress });
    expect(seen).toEqual([1, 2, 3, 4, 15, 16].map((done) => [done, 20]));
  });

  it("stays fit to pack for a class of one point, of equal points and of few", () => {
    const odd = label(
      new Map([
        [0, Float64Array.of(1, 2)],
        [1, new Float64Array(60).fill(0.5)],
        [2, drawPoints(three, 7, "few")],
        [3, drawPoints(three, 300, "no validation")],
      ]),
    );
    const held = label(new Map([0, 1, 2].map((digit) => [digit, drawPoints(three, 20, `held ${digit}`)])));
    const result = fitMixture(odd, 2, { shares: digitShares(odd.labels), validation: held });
    expect(packMixture(result).byteLength).toBeGreaterThan(96);
    expect(result.classes[0]!.components[0]!.mean).toEqual(Float32Array.of(1, 2));
    // The fewest where there are too few points for more, or none to choose by.
    expect(countsOf(result)).toEqual([1, 1, expect.any(Number), 1, 0, 0, 0, 0, 0, 0]);
  });

  it.each([
    ["labels that do not fit the latents", training.latents.subarray(2), training.labels, 2],
    ["a digit above 9", Float32Array.of(0, 0), Uint8Array.of(10), 2],
    ["a latent that is NaN", Float32Array.of(0, Number.NaN), Uint8Array.of(1), 2],
    ["no latents", new Float32Array(0), new Uint8Array(0), 2],
    ["no dimensions", new Float32Array(0), new Uint8Array(0), 0],
  ])("is refused for %s", (_, latents, labels, d) => {
    const given = { shares: digitShares(labels), validation: { latents, labels } };
    expect(() => fitMixture({ latents, labels }, d, given)).toThrow(ArgumentError);
  });
});
