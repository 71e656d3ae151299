// The kernels draw what the reference defines, to the bit, for flows of every shape and in any batch; walks, readings and
// the way back.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import kernels from "../../../../build/decode-kernels.wasm";
import { memberSeed } from "../../../../shared/arithmetic/random.ts";
import { runReference } from "../../../../shared/decoder/reference.ts";
import { ArgumentError, SeedError, WeightsError } from "../../../../shared/errors.ts";
import { flowKind } from "../../../../shared/latent/flow/kind.ts";
import { createFlowLatent } from "../../../../shared/latent/flow/latent.ts";
import { planFlow } from "../../../../shared/latent/flow/plan.ts";
import { referenceFlow, referenceFlowDraw } from "../../../../shared/latent/flow/reference.ts";
import { kindOf } from "../../../../shared/latent/kind.ts";
import { interpolateLatents } from "../../../../shared/latent/walk.ts";
import { dequantize, type StoredWeights } from "../../../../shared/model/weights.ts";
import { drawFlowWeights, flowLatentSpec, flowSpec } from "./flow-models.ts";

const unpack = (stored: StoredWeights) =>
  new Map([...stored].map(([name, tensor]) => [name, dequantize(tensor)]));

const spec = flowLatentSpec({ dim: 6, width: 16, blocks: 2 });
const stored = drawFlowWeights(spec, "flow", false);
const weights = unpack(stored);
const latent = createFlowLatent(kernels, spec, stored);

const rms = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);

describe("the flow's kernels", () => {
  it("draw the latents that the reference draws, quantized and not, in batches of 1 to 13", () => {
    const property = fc.property(
      fc.record({
        dim: fc.constantFrom(1, 2, 5, 16, 33),
        width: fc.constantFrom(4, 20, 64),
        blocks: fc.integer({ min: 0, max: 3 }),
      }),
      fc.nat(1e6),
      fc.integer({ min: 1, max: 13 }),
      fc.record({
        digit: fc.option(fc.nat(9), { nil: undefined }),
        temperature: fc.constantFrom(undefined, 0, 0.3, 2),
        guidance: fc.constantFrom(undefined, 0, 0.1, 0.5),
      }),
      (shape, seed, batch, choice) => {
        const spec = flowLatentSpec(shape);
        const stored = drawFlowWeights(spec, `${seed}`, seed % 2 === 0);
        const requests = Array.from({ length: batch }, (_, i) => ({
          ...choice,
          seed: memberSeed(`${seed}`, i),
        }));
        const drawn = createFlowLatent(kernels, spec, stored).drawAll(requests);
        const weights = unpack(stored);
        const expected = requests.map(({ seed }) => referenceFlowDraw(spec, weights, seed, choice));
        expect(drawn.map(({ latent }) => latent)).toEqual(expected);
      },
    );
    fc.assert(property, { numRuns: 60, seed: 1 });
  });

  it("draw one by one what they draw together", () => {
    const seeds = Array.from({ length: 30 }, (_, i) => `${i}`);
    const together = latent.drawAll(seeds.map((seed) => ({ seed, digit: 4 })));
    expect(seeds.map((seed) => latent.draw(seed, { digit: 4 }))).toEqual(together);
  });
});

describe("a latent with a flow", () => {
  it("keeps a seed's noise whatever digit and guidance are asked for, and scales it by the temperature", () => {
    const { noise } = latent.draw("hand", {});
    for (const choice of [{ digit: 3 }, { digit: 8, guidance: 0.5 }]) {
      expect(latent.draw("hand", choice).noise).toEqual(noise);
    }
    expect(latent.draw("hand", { temperature: 0.5 }).noise).toEqual(noise.map((value) => value / 2));
    const latents = [{ digit: 3 }, { digit: 8 }, { digit: 8, guidance: 0.5 }].map(
      (choice) => latent.draw("hand", choice).latent,
    );
    expect(new Set(latents.map(String)).size).toBe(3);
  });

  it("has its spec's guidance where none is asked for", () => {
    expect(latent.draw("a", { guidance: 0.125 })).toEqual(latent.draw("a", {}));
    expect(latent.draw("a", { guidance: 0.25 })).not.toEqual(latent.draw("a", {}));
  });

  it("draws the classes by their shares", () => {
    const draws = latent.drawAll(Array.from({ length: 2000 }, (_, i) => ({ seed: `${i}` })));
    for (let digit = 0; digit < 10; digit++) {
      const share = draws.filter((draw) => draw.digit === digit).length / 2000;
      expect(share).toBeGreaterThan(0.07);
      expect(share).toBeLessThan(0.13);
    }
  });

  it("refuses seeds, digits, temperatures and guidance out of their range", () => {
    expect(() => latent.draw("", {})).toThrow(SeedError);
    for (const choice of [{ digit: 10 }, { temperature: 2.1 }, { guidance: 0.6 }, { guidance: -0.1 }]) {
      expect(() => latent.draw("a", choice)).toThrow(ArgumentError);
    }
  });

  it("walks along the arc of the noise while one digit gives way to the other", () => {
    const draws = [latent.draw("a", { digit: 1 }), latent.draw("b", { digit: 7 })];
    const points = latent.walk(draws, { steps: 5 });
    const noises = interpolateLatents(draws[0]!.noise, draws[1]!.noise, 5);
    expect(points.map(({ numbers }) => numbers.noise)).toEqual(noises);
    points.forEach((point, step) => {
      const condition = [0, 1 - step / 4, 0, 0, 0, 0, 0, step / 4, 0, 0, 0.125];
      expect(point.latent).toEqual(referenceFlow(spec, weights, noises[step]!, condition));
      expect(point.numbers.latent).toBe(point.latent);
    });
    expect([points[0]!.latent, points[4]!.latent]).toEqual(draws.map((draw) => draw.latent));
  });

  it("walks straight when asked, and round", () => {
    const draws = latent.drawAll(["a", "b", "c"].map((seed) => ({ seed, digit: 5 })));
    const [first, second] = draws as [(typeof draws)[0], (typeof draws)[0]];
    const points = latent.walk(draws, { steps: 3, path: "lerp", loop: true });
    expect(points).toHaveLength(6);
    expect(points[1]!.numbers.noise).toEqual(
      first.noise.map((value, i) => 0.5 * value + 0.5 * second.noise[i]!),
    );
  });

  it("says which digit a latent shows, by probabilities", () => {
    const { latent: point } = latent.draw("read", {});
    const scores = [...runReference(planFlow(spec).reader, weights, point)];
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    latent.readDigit(point).forEach((p, digit) => {
      expect(p).toBeCloseTo(Math.exp(scores[digit]!) / total, 12);
    });
  });

  it("finds a noise that draws a latent again", () => {
    for (const seed of ["x", "y", "z"]) {
      const { latent: drawn } = latent.draw(seed, {});
      const digit = latent.readDigit(drawn).reduce((best, p, i, all) => (p > all[best]! ? i : best), 0);
      const { latent: target, noise } = latent.draw(seed, { digit, guidance: 0 });
      const likeliest = latent.readDigit(target).reduce((best, p, i, all) => (p > all[best]! ? i : best), 0);
      const found = latent.findNoise(target);
      const condition = Array.from({ length: 11 }, (_, i) => (i === likeliest ? 1 : 0));
      const again = found.numbers.noise as Float32Array;
      expect(found.latent).toEqual(referenceFlow(spec, weights, again, condition));
      expect(rms(found.latent, target)).toBeLessThan(1e-3);
      if (likeliest === digit) expect(rms(again, noise)).toBeLessThan(1e-2);
    }
  });

  it("varies a latent by steps through its noise, none of which gives the latent itself", () => {
    const { latent: drawn } = latent.draw("vary", {});
    const [same, other] = latent.vary(drawn, [new Float32Array(6), new Float32Array(6).fill(0.3)]);
    expect(rms(same!, drawn)).toBeLessThan(1e-6);
    expect(rms(other!, drawn)).toBeGreaterThan(0.05);
  });

  it("encodes a picture as the mean of its distribution, which /decode takes", () => {
    const outputs = Float32Array.from({ length: 12 }, (_, i) => i / 8);
    const { latent: mu, numbers } = latent.encode(outputs);
    expect([mu, numbers.logVar]).toEqual([outputs.slice(0, 6), outputs.slice(6)]);
    expect(latent.decode([...(latent.nearest(mu).values as Float32Array)])).toEqual(mu);
  });

  it("refuses weights that are missing or whose shares are none", () => {
    const without = new Map([...stored].filter(([name]) => name !== "flow_1/kernel"));
    expect(() => createFlowLatent(kernels, spec, without)).toThrow(WeightsError);
    const shares = new Map([...stored, ["digits", new Float32Array(10)]]);
    expect(() => createFlowLatent(kernels, spec, shares)).toThrow(WeightsError);
  });
});

describe("the kind", () => {
  it("is the one of such a spec, and takes latents of its size", () => {
    const model = flowSpec({ dim: 6, width: 16, blocks: 2 });
    expect(kindOf(model)).toBe(flowKind);
    expect(flowKind.dim(flowKind.resize(model, 9))).toBe(9);
    expect(() => flowKind.checkInput(model, [1, 2], "m@1")).toThrow("has 6 numbers, found 2");
  });
});
