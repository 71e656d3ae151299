import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../shared/errors.ts";
import { interpolateLatents, sampleLatent } from "../../shared/latent.ts";

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
