import { describe, expect, it } from "vitest";
import { memberSeed } from "../../../../shared/arithmetic/random.ts";
import { ArgumentError } from "../../../../shared/errors.ts";
import { drawFromSeed, sampleLatent } from "../../../../shared/latent/gaussian/sample.ts";
import { interpolateLatents, planeLatents, walkLatents, walkLength } from "../../../../shared/latent/walk.ts";
import { makeMixture } from "../../../fixture.ts";

const norm = (z: Float32Array) => Math.hypot(...z);

describe("a walk through latent space", () => {
  const [from, to] = [sampleLatent("ada", 16), sampleLatent("grace", 16)];

  it("starts and ends at its seeds' latents, to the bit", () => {
    const walk = interpolateLatents(from, to, 9);
    expect(walk[0]).toEqual(from);
    expect(walk[8]).toEqual(to);
  });

  it("keeps its norm between those of its ends, where a straight line would fall short", () => {
    const middle = norm(interpolateLatents(from, to, 3)[1]!);
    expect(middle).toBeGreaterThan(0.95 * Math.min(norm(from), norm(to)));
  });

  it("turns by equal angles", () => {
    const unit = (z: Float32Array) => z.map((x) => x / norm(z));
    const walk = interpolateLatents(unit(from), unit(to), 5);
    const cosines = walk.slice(1).map((z, i) => z.reduce((sum, x, k) => sum + x * walk[i]![k]!, 0));
    for (const cosine of cosines) expect(cosine).toBeCloseTo(cosines[0]!, 5);
  });

  it("is straight where no arc is defined", () => {
    const [a, b] = [Float32Array.of(1, 0), Float32Array.of(-1, 0)];
    expect(interpolateLatents(a, b, 3)[1]).toEqual(Float32Array.of(0, 0));
    expect(interpolateLatents(a, a, 3)[1]).toEqual(a);
    expect(interpolateLatents(Float32Array.of(0, 0), a, 3)[1]).toEqual(Float32Array.of(0.5, 0));
  });

  it.each([1, 0, -1, 2.5, Number.NaN])("refuses %d steps", (steps) => {
    expect(() => interpolateLatents(from, to, steps)).toThrow(ArgumentError);
  });
});

describe("a walk through waypoints", () => {
  const waypoints = ["ada", "grace", "linus"].map((seed) => sampleLatent(seed, 16));
  const [a, b, c] = waypoints as [Float32Array, Float32Array, Float32Array];

  it("of two is the walk between them", () => {
    expect(walkLatents([a, b], { steps: 9 })).toEqual(interpolateLatents(a, b, 9));
  });

  it("visits each once, to the bit, and goes on in the same steps", () => {
    const walk = walkLatents(waypoints, { steps: 5 });
    expect(walk).toHaveLength(9);
    expect([walk[0], walk[4], walk[8]]).toEqual(waypoints);
    expect(walk.slice(4)).toEqual(interpolateLatents(b, c, 5));
  });

  it("that is closed comes back to where it began without drawing it twice", () => {
    const walk = walkLatents(waypoints, { steps: 5, loop: true });
    expect(walk).toHaveLength(12);
    expect([...walk.slice(8), a]).toEqual(interpolateLatents(c, a, 5));
    expect(new Set(walk.map(String)).size).toBe(12);
  });

  it("is straight on demand", () => {
    const middle = walkLatents([a, b], { steps: 3, path: "lerp" })[1]!;
    middle.forEach((value, i) => {
      expect(value).toBeCloseTo((a[i]! + b[i]!) / 2, 6);
    });
    expect(norm(middle)).toBeLessThan(norm(walkLatents([a, b], { steps: 3 })[1]!));
  });

  it("has the length that was told before it was made", () => {
    for (const steps of [2, 3, 8]) {
      for (const loop of [true, false]) {
        for (const stops of [waypoints, [a, b]]) {
          expect(walkLatents(stops, { steps, loop })).toHaveLength(walkLength(stops.length, { steps, loop }));
        }
      }
    }
  });

  it("has two at least", () => {
    expect(() => walkLatents([a], { steps: 3 })).toThrow(ArgumentError);
    expect(() => walkLatents([a, b], { steps: 1 })).toThrow(ArgumentError);
  });
});

describe("the plane of latents", () => {
  it("holds the quantiles of equal shares, the first number growing to the right, the second upwards", () => {
    const plane = planeLatents(4);
    expect(plane).toHaveLength(16);
    const row = plane.slice(0, 4).map(([first]) => first);
    // Quantiles of 1/8, 3/8, 5/8 and 7/8.
    for (const [i, quantile] of [-1.1503494, -0.3186394, 0.3186394, 1.1503494].entries()) {
      expect(row[i]).toBeCloseTo(quantile, 6);
      expect(plane[4 * (3 - i)]![1]).toBeCloseTo(quantile, 6);
    }
  });

  it("has its one cell in the middle", () => {
    expect(planeLatents(1)).toEqual([Float32Array.of(0, 0)]);
  });
});

describe("one of many draws", () => {
  it("has a seed like any other", () => {
    const seed = memberSeed("42", 7);
    expect(seed).toBe("42/7");
    expect(drawFromSeed(seed, {}, 16, undefined).latent).toEqual(sampleLatent("42/7", 16));
  });

  it("tells the digit that the mixture gave it, and none of the prior's", () => {
    const mixture = makeMixture(4, "m");
    const draws = Array.from({ length: 60 }, (_, i) => drawFromSeed(memberSeed("a", i), {}, 4, mixture));
    expect(new Set(draws.map(({ digit }) => digit))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    for (const { seed, digit, latent } of draws) {
      expect(drawFromSeed(seed, { digit }, 4, mixture).latent).toEqual(latent);
    }
    expect(drawFromSeed("a", { sampler: "prior" }, 4, mixture).digit).toBeUndefined();
  });
});
