// What the page computes of latents: principal directions, neighbours of a seed, places of the map.

import { describe, expect, it } from "vitest";
import { findDirections, fromDials, toDials } from "../../page/directions.ts";
import { familyOf, findNeighbours } from "../../page/neighbours.ts";
import { placeAt, planeOf, sharesOf } from "../../page/plane.ts";
import { createGenerator } from "../../shared/arithmetic/random.ts";
import { createGaussianLatent } from "../../shared/latent/gaussian/latent.ts";
import { type Mixture, sampleMixture } from "../../shared/latent/gaussian/mixture.ts";
import { drawFromSeed } from "../../shared/latent/gaussian/sample.ts";

/** Ten classes on a line, wide along (1, 1), narrow across. */
const mixture: Mixture = {
  latentDim: 2,
  classes: Array.from({ length: 10 }, (_, digit) => ({
    prior: 0.1,
    components: [
      {
        weight: 1,
        mean: Float32Array.of(digit - 4.5, digit - 4.5),
        factor: Float32Array.of(0.5, 0, 0.2, 0.4),
      },
    ],
  })),
};

describe("principal directions", () => {
  const directions = findDirections(mixture);

  it("are those of many draws: mean, deviations and order", () => {
    const next = createGenerator("draws");
    const draws = Array.from(
      { length: 20_000 },
      () => sampleMixture(next, mixture, { temperature: 1 }).latent,
    );
    const dials = draws.map((latent) => toDials(directions, latent));
    for (const axis of [0, 1]) {
      const values = dials.map((dial) => dial[axis]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(mean).toBeCloseTo(0, 1);
      expect(variance).toBeCloseTo(1, 1);
    }
    const across = dials.reduce((sum, [a, b]) => sum + a! * b!, 0) / dials.length;
    expect(across).toBeCloseTo(0, 1);
    const [first, second] = directions.axes;
    expect(first!.vector[0]! / first!.vector[1]!).toBeCloseTo(1, 1);
    expect(first!.share + second!.share).toBeCloseTo(1, 12);
    expect(first!.share).toBeGreaterThan(0.9);
  });

  it("lead back to the latent", () => {
    const latent = Float32Array.of(0.3, -1.7);
    const back = fromDials(directions, toDials(directions, latent));
    expect([...back].map((value) => value.toFixed(5))).toEqual(["0.30000", "-1.70000"]);
  });
});

describe("the neighbours of a seed", () => {
  const latent = createGaussianLatent(2, mixture);

  it("are the nearest of its thousand members, each with a seed that draws it", () => {
    const choice = { digit: undefined, temperature: 1 };
    const neighbours = findNeighbours("otter", choice, latent, 12);
    const self = drawFromSeed("otter", {}, 2, mixture).latent;
    const distance = (latent: Float32Array) => Math.hypot(latent[0]! - self[0]!, latent[1]! - self[1]!);
    const all = Array.from({ length: 1000 }, (_, i) =>
      distance(drawFromSeed(`otter/${i}`, {}, 2, mixture).latent),
    );
    expect(neighbours.map(({ latent }) => distance(latent))).toEqual(
      all.toSorted((a, b) => a - b).slice(0, 12),
    );
    for (const { seed, digit, latent } of neighbours) {
      expect(drawFromSeed(seed, { digit }, 2, mixture).latent).toEqual(latent);
    }
  });

  it("have names that are valid seeds, however long the seed is", () => {
    const [neighbour] = findNeighbours("🙂".repeat(128), { digit: 3, temperature: 1 }, latent, 1);
    expect([...neighbour!.seed].length).toBeLessThanOrEqual(128);
    expect(familyOf("short")).toBe("short");
  });
});

describe("the map", () => {
  it("converts between pointer positions and latents", () => {
    const plane = planeOf(mixture);
    expect(plane.centre.map((value) => Math.abs(value) < 1e-3)).toEqual([true, true]);
    const place = placeAt(plane, 0.25, 0.75);
    expect(place[0]).toBeLessThan(0);
    expect(place[1]).toBeLessThan(0);
    const { x, y } = sharesOf(plane, place);
    expect(x).toBeCloseTo(0.25, 3);
    expect(y).toBeCloseTo(0.75, 3);
  });
});
