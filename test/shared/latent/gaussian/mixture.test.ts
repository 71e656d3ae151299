import { describe, expect, it } from "vitest";
import { createGenerator, sampleNormal } from "../../../../shared/arithmetic/random.ts";
import { ArgumentError, UnsupportedReleaseError, WeightsError } from "../../../../shared/errors.ts";
import { CLASSES } from "../../../../shared/latent/classes.ts";
import {
  type Mixture,
  type MixtureComponent,
  packMixture,
  sampleMixture,
  triangleSize,
  unpackMixture,
} from "../../../../shared/latent/gaussian/mixture.ts";

/** A mixture of 1 to 3 components a class, whose means lie near 3 digit on the first axis. */
function drawMixture(seed: string, d: number): Mixture {
  const next = createGenerator(seed);
  const component = (digit: number, weight: number): MixtureComponent => {
    const mean = sampleNormal(next, new Float32Array(d));
    mean[0]! += 3 * digit;
    const square = sampleNormal(next, new Float32Array(d * d));
    const factor = new Float32Array(triangleSize(d));
    for (let i = 0; i < d; i++) {
      const row = square.subarray(i * d, i * d + i + 1);
      row[i] = 0.2 + row[i]! * row[i]!;
      factor.set(row, triangleSize(i));
    }
    return { weight, mean, factor };
  };
  const weights = [[1], [0.25, 0.75], [0.5, 0.125, 0.375]];
  const classes = Array.from({ length: CLASSES }, (_, digit) => ({
    prior: Math.fround(digit === 0 ? 0.28 : 0.08),
    components: weights[digit % 3]!.map((weight) => component(digit, weight)),
  }));
  return { latentDim: d, classes };
}

const mixture = drawMixture("mixture", 4);
const draw = (seed: string, temperature = 1, digit?: number) =>
  sampleMixture(createGenerator(seed), mixture, { temperature, digit });

/** The same mixture with one component of digit 1 changed. */
function withComponent(change: Partial<MixtureComponent>): Mixture {
  const classes = mixture.classes.map((each, digit) =>
    digit === 1
      ? { ...each, components: [{ ...each.components[0]!, ...change }, each.components[1]!] }
      : each,
  );
  return { ...mixture, classes };
}

describe("a latent from a mixture", () => {
  it("is the same for the same seed, to the bit, in every engine", () => {
    expect([...draw("0").latent]).toEqual(FROZEN.drawn);
    expect(draw("0").digit).toBe(FROZEN.digit);
    expect([...draw("0", 0.7, 7).latent]).toEqual(FROZEN.seven);
    expect(draw("1").latent).not.toEqual(draw("0").latent);
  });

  it("is of the digit that is asked for, and otherwise of the digit it says", () => {
    for (let i = 0; i < 200; i++) {
      expect(draw(`${i}`, 1, i % 10).digit).toBe(i % 10);
      const { latent, digit } = draw(`${i}`, 0);
      const means = mixture.classes[digit]!.components.map(({ mean }) => mean);
      expect(means).toContainEqual(latent);
    }
  });

  it("uses the same draws with a digit as without", () => {
    const { latent, digit } = draw("hand");
    expect(draw("hand", 1, digit).latent).toEqual(latent);
  });

  it("is a component's mean at temperature 0, and as far from it as the temperature says", () => {
    const mean = draw("far", 0, 0).latent;
    expect(mean).toEqual(mixture.classes[0]!.components[0]!.mean);
    const [once, twice] = [draw("far", 1, 0).latent, draw("far", 2, 0).latent];
    mean.forEach((centre, i) => {
      expect(twice[i]! - centre).toBeCloseTo(2 * (once[i]! - centre), 4);
    });
  });

  it("comes from digits and components as often as their shares say", () => {
    const next = createGenerator("frequencies");
    const n = 20_000;
    const digits = new Array<number>(CLASSES).fill(0);
    const ofTwo = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      digits[sampleMixture(next, mixture, { temperature: 1 }).digit]!++;
      const { latent } = sampleMixture(next, mixture, { temperature: 0, digit: 2 });
      ofTwo[mixture.classes[2]!.components.findIndex(({ mean }) => mean[0] === latent[0])]!++;
    }
    // Four standard deviations.
    mixture.classes.forEach(({ prior }, digit) => {
      expect(Math.abs(digits[digit]! / n - prior)).toBeLessThan(4 * Math.sqrt((prior * (1 - prior)) / n));
    });
    mixture.classes[2]!.components.forEach(({ weight }, k) => {
      expect(Math.abs(ofTwo[k]! / n - weight)).toBeLessThan(4 * Math.sqrt((weight * (1 - weight)) / n));
    });
  });

  it("has the component's mean and covariance", () => {
    const next = createGenerator("covariance");
    const n = 20_000;
    const [first, second] = [new Float64Array(4), new Float64Array(16)];
    const { mean, factor } = mixture.classes[3]!.components[0]!;
    for (let s = 0; s < n; s++) {
      const { latent } = sampleMixture(next, mixture, { temperature: 1, digit: 3 });
      for (let i = 0; i < 4; i++) {
        first[i]! += (latent[i]! - mean[i]!) / n;
        for (let j = 0; j < 4; j++) {
          second[i * 4 + j]! += ((latent[i]! - mean[i]!) * (latent[j]! - mean[j]!)) / n;
        }
      }
    }
    const covariance = (i: number, j: number) =>
      [0, 1, 2, 3]
        .filter((k) => k <= Math.min(i, j))
        .reduce((sum, k) => sum + factor[triangleSize(i) + k]! * factor[triangleSize(j) + k]!, 0);
    for (let i = 0; i < 4; i++) {
      expect(Math.abs(first[i]!)).toBeLessThan(4 * Math.sqrt(covariance(i, i) / n));
      for (let j = 0; j < 4; j++) {
        const deviation = Math.sqrt((covariance(i, i) * covariance(j, j) + covariance(i, j) ** 2) / n);
        expect(Math.abs(second[i * 4 + j]! - covariance(i, j))).toBeLessThan(4 * deviation);
      }
    }
  });

  it.each([
    ["a temperature below 0", { temperature: -0.1 }],
    ["a temperature above 2", { temperature: 2.1 }],
    ["a temperature that is no number", { temperature: Number.NaN }],
    ["digit 10", { temperature: 1, digit: 10 }],
    ["digit 2.5", { temperature: 1, digit: 2.5 }],
    ["digit -1", { temperature: 1, digit: -1 }],
  ])("is refused for %s", (_, options) => {
    expect(() => sampleMixture(createGenerator("0"), mixture, options)).toThrow(ArgumentError);
  });

  it("is refused for a digit that the model never saw, and never drawn from it", () => {
    const classes = mixture.classes.map((each, digit) =>
      digit === 0 ? { ...each, prior: 0, components: [] } : { ...each, prior: Math.fround(1 / 9) },
    );
    const withoutZero = unpackMixture(packMixture({ ...mixture, classes }));
    const next = createGenerator("zero");
    expect(() => sampleMixture(next, withoutZero, { temperature: 1, digit: 0 })).toThrow(ArgumentError);
    for (let i = 0; i < 500; i++) {
      expect(sampleMixture(next, withoutZero, { temperature: 1 }).digit).toBeGreaterThan(0);
    }
  });
});

describe("sampler.bin", () => {
  const bytes = packMixture(mixture);
  const edited = (edit: (view: DataView) => void) => {
    const copy = bytes.slice();
    edit(new DataView(copy.buffer));
    return copy;
  };
  /** Where digit 0's only component has its weight, its first mean and its first factor. */
  const [WEIGHT, MEAN, FACTOR] = [96, 100, 116];

  it.each([1, 4, 32])("gives back a mixture of %d dimensions to the bit", (d) => {
    const original = drawMixture(`round trip ${d}`, d);
    const packed = packMixture(original);
    expect(unpackMixture(packed)).toEqual(original);
    expect(packMixture(unpackMixture(packed))).toEqual(packed);
  });

  it("is read from the middle of a larger buffer", () => {
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(unpackMixture(larger.subarray(3, 3 + bytes.length))).toEqual(mixture);
  });

  it("is refused however it is cut", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => unpackMixture(bytes.slice(0, length))).toThrow(WeightsError);
    }
  });

  it.each([
    ["a byte too many", new Uint8Array([...bytes, 0]), /bytes; its header describes/],
    ["another magic", edited((view) => view.setUint8(0, 0)), /does not start with "EDMX"/],
    ["version 0", edited((view) => view.setUint32(4, 0, true)), /versions? 0/],
    ["no dimensions", edited((view) => view.setUint32(8, 0, true)), /latents of 0/],
    ["too many dimensions", edited((view) => view.setUint32(8, 0xffffffff, true)), /latents of 4294967295/],
    ["other dimensions", edited((view) => view.setUint32(8, 5, true)), /bytes; its header describes/],
    ["11 classes", edited((view) => view.setUint32(12, 11, true)), /11 classes/],
    ["other component counts", edited((view) => view.setUint32(16, 9, true)), /bytes; its header describes/],
    ["huge component counts", edited((view) => view.setUint32(16, 0xffffffff, true)), /its header describes/],
    ["a prior that is NaN", edited((view) => view.setFloat32(56, Number.NaN, true)), /class priors/],
    ["priors that do not sum to 1", edited((view) => view.setFloat32(56, 0.5, true)), /class priors/],
    [
      "a prior of 0 with components",
      edited((view) => {
        view.setFloat32(56, 0, true);
        view.setFloat32(60, 0.36, true);
      }),
      /digit 0 has components and no prior/,
    ],
    ["a negative weight", edited((view) => view.setFloat32(WEIGHT, -1, true)), /weights of digit 0/],
    [
      "a weight that is NaN",
      edited((view) => view.setFloat32(WEIGHT, Number.NaN, true)),
      /weights of digit 0/,
    ],
    [
      "a mean that is NaN",
      edited((view) => view.setFloat32(MEAN, Number.NaN, true)),
      /mean that is not finite/,
    ],
    [
      "an infinite factor",
      edited((view) => view.setFloat32(FACTOR, Infinity, true)),
      /factor that is not finite/,
    ],
    ["a diagonal of 0", edited((view) => view.setFloat32(FACTOR, 0, true)), /positive diagonal/],
  ])("is refused with %s", (_, corrupt, message) => {
    expect(() => unpackMixture(corrupt)).toThrow(WeightsError);
    expect(() => unpackMixture(corrupt)).toThrow(message);
  });

  it("of a later version is refused as such", () => {
    const later = edited((view) => view.setUint32(4, 2, true));
    expect(() => unpackMixture(later)).toThrow(UnsupportedReleaseError);
  });

  it.each([
    ["of 9 classes", { ...mixture, classes: mixture.classes.slice(1) }],
    ["with a mean too short", withComponent({ mean: new Float32Array(3) })],
    ["with a factor too long", withComponent({ factor: new Float32Array(16) })],
    ["with a diagonal of 0", withComponent({ factor: new Float32Array(10) })],
    ["with weights that sum to 1.5", withComponent({ weight: 0.75 })],
    ["with a component of weight 0", withComponent({ weight: 0 })],
  ])("is not written for a mixture %s", (_, broken) => {
    expect(() => packMixture(broken)).toThrow(WeightsError);
  });
});

/** Scheme s1's draws from `mixture`: never edited, for an edit is another scheme. */
const FROZEN = {
  digit: 9,
  drawn: [28.699811935424805, 1.6082611083984375, -0.365701287984848, -0.012347113341093063],
  seven: [22.583417892456055, -0.015152736566960812, 1.1889286041259766, -0.07345321029424667],
};
