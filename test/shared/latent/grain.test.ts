// Scheme n1: the frozen bits in Node and in workerd alike, by kernels and reference, and what has a grain.

import { describe, expect, it } from "vitest";
import kernels from "../../../build/decode-kernels.wasm";
import { createDecoder } from "../../../shared/decoder/decoder.ts";
import { GRAINS, noiseOf } from "../../../shared/decoder/noise.ts";
import { createReferenceDecoder } from "../../../shared/decoder/reference.ts";
import { ArgumentError, SpecError } from "../../../shared/errors.ts";
import { createFlowLatent } from "../../../shared/latent/flow/latent.ts";
import { createGaussianLatent } from "../../../shared/latent/gaussian/latent.ts";
import { GRAIN_SCHEME, seedGrain, withGrain } from "../../../shared/latent/grain.ts";
import { checkLatent, schemeOf } from "../../../shared/latent/kind.ts";
import { planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { presets } from "../../../shared/model/presets.ts";
import type { Layer } from "../../../shared/model/spec.ts";
import { hashOf } from "../../vectors/frozen.ts";
import { computeNoise, dim, noiseSeeds, spec, weights } from "../../vectors/frozen-noise.ts";
import frozen from "../../vectors/n1.json" with { type: "json" };
import { drawFlowWeights, flowLatentSpec } from "./flow/flow-models.ts";

const inner = createGaussianLatent(dim, undefined);
const latent = withGrain(inner, dim);

describe(`scheme ${GRAIN_SCHEME} gives the frozen`, () => {
  it("grains, noise, logits, pixels and walk of 200 seeds", () => {
    expect(frozen.scheme).toBe(GRAIN_SCHEME);
    const { scheme: _, ...expected } = frozen;
    expect(computeNoise(kernels)).toEqual(expected);
  });

  it("logits and pixels by the reference too", () => {
    const reference = createReferenceDecoder(spec, weights);
    const digits = noiseSeeds.map((seed) => reference.image(latent.draw(seed, {}).latent));
    expect(digits.map((digit) => hashOf(digit.logits))).toEqual(frozen.logits);
    expect(digits.map((digit) => hashOf(digit.pixels))).toEqual(frozen.pixels);
  });
});

describe("noise", () => {
  it("is nearly standard normal, and neither places, planes, layers nor grains go together", () => {
    const grains = Array.from({ length: 400 }, (_, i) => seedGrain(`${i}`));
    const of = (layer: number) => grains.flatMap((grain) => [...noiseOf(grain, layer, 196, 2)]);
    const [values, others] = [of(3), of(6)];
    const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
    const correlation = (by: number) => mean(values.slice(by).map((value, i) => value * values[i]!));
    // Standard errors are 0.0025.
    expect(Math.abs(mean(values))).toBeLessThan(0.01);
    expect(mean(values.map((value) => value * value))).toBeCloseTo(1, 1);
    for (const by of [1, 2, 28, 392]) expect(Math.abs(correlation(by)), `${by}`).toBeLessThan(0.01);
    expect(Math.abs(mean(values.map((value, i) => value * others[i]!)))).toBeLessThan(0.01);
  });

  it("is none for grain 0", () => {
    expect(noiseOf(0, 3, 49, 2)).toEqual(new Float32Array(98));
  });
});

describe("a latent with a grain", () => {
  const drawn = latent.draw("a", {});
  const decoder = createDecoder(kernels, spec, weights);

  it("is the inner latent, and the seed's grain after it", () => {
    expect(drawn.latent).toEqual(Float32Array.of(...inner.draw("a", {}).latent, seedGrain("a") / GRAINS));
    expect(drawn.numbers.latent).toBe(drawn.latent);
    expect(latent.drawAll([{ seed: "a" }])).toEqual([drawn]);
    expect(latent.draw("a", { temperature: 0 }).latent[dim]).toBe(0);
    expect(Math.floor(drawn.latent[dim]! * GRAINS)).toBe(seedGrain("a"));
  });

  it("draws other pixels than without, and no noise where the grain is left out or 0", () => {
    const own = drawn.latent.slice(0, dim);
    const [noisy, plain, zero] = decoder.images([drawn.latent, own, Float32Array.of(...own, 0)]);
    expect(noisy!.pixels).not.toEqual(plain!.pixels);
    expect(zero).toEqual(plain);
    expect(decoder.logits(own)).toEqual(plain!.logits);
    // Nothing stays behind from the digit before.
    expect(decoder.image(own)).toEqual(plain);
  });

  it("keeps the grain of its start along a walk", () => {
    const draws = ["a", "b", "c"].map((seed) => latent.draw(seed, {}));
    const points = latent.walk(draws, { steps: 4 });
    expect(new Set(points.map((point) => point.latent[dim]))).toEqual(new Set([drawn.latent[dim]]));
    const plain = inner.walk(
      ["a", "b", "c"].map((seed) => inner.draw(seed, {})),
      { steps: 4 },
    );
    expect(points.map((point) => point.latent.slice(0, dim))).toEqual(plain.map((point) => point.latent));
    expect(points.every(({ numbers, latent: all }) => numbers.latent === all)).toBe(true);
  });

  it("is told by its numbers", () => {
    const { values } = latent.nearest(drawn.latent);
    expect(latent.decode(values)).toEqual(drawn.latent);
    expect(latent.decode([...drawn.latent.slice(0, dim)])).toEqual(drawn.latent.slice(0, dim));
  });

  it("is read, found and varied by the flow within", () => {
    const shape = flowLatentSpec({ dim: 6, width: 16, blocks: 1 });
    const flow = createFlowLatent(kernels, shape, drawFlowWeights(shape, "grain", false));
    const outer = withGrain(flow, 6);
    const own = flow.draw("a", {}).latent;
    const all = outer.draw("a", {}).latent;
    expect(outer.readDigit(all)).toEqual(flow.readDigit(own));
    expect(outer.findNoise(all)).toEqual(flow.findNoise(own));
    const step = new Float32Array(6).fill(0.3);
    const [varied] = outer.vary(all, [step]);
    expect(varied).toEqual(Float32Array.of(...flow.vary(own, [step])[0]!, all[6]!));
    expect(outer.vary(own, [step])).toEqual(flow.vary(own, [step]));
  });

  it.each([-0.1, 1, Number.NaN])("is refused with a grain of %d", (grain) => {
    const wrong = Float32Array.of(...drawn.latent.slice(0, dim), grain);
    const refusal = /grain is from 0 to below 1, found/;
    expect(() => decoder.image(wrong)).toThrow(refusal);
    expect(() => latent.decode(wrong)).toThrow(ArgumentError);
    expect(() => checkLatent(spec, [...wrong], "m@1")).toThrow(refusal);
  });

  it("has one number more at most", () => {
    expect(() => checkLatent(spec, [1, 2, 3, 4, 0.5], "m@1")).not.toThrow();
    expect(() => checkLatent(spec, [1, 2, 3, 4], "m@1")).not.toThrow();
    expect(() => checkLatent(spec, [1, 2, 3, 4, 0.5, 0.5], "m@1")).toThrow(
      /has 4 numbers, or 5 with its grain, found 6/,
    );
    expect(() => checkLatent(presets.smoke, [1, 2, 3, 4, 0.5], "m@1")).toThrow(/has 4 numbers, found 5/);
    expect(() => decoder.image(new Float32Array(dim + 2))).toThrow(ArgumentError);
  });
});

describe("a spec with noise", () => {
  it("has a scheme of its own", () => {
    expect([schemeOf(presets.smoke), schemeOf(spec), schemeOf(presets.flow)]).toEqual([
      "s1",
      "s1+n1",
      "f1+n1",
    ]);
  });

  it("is refused where noise has no place", () => {
    const noise = { kind: "noise", version: 1, planes: 1 } as const;
    const { smoke } = presets;
    expect(() => planDecoder({ ...smoke, decoder: [noise, ...smoke.decoder] })).not.toThrow();
    for (const decoder of [
      [{ ...smoke.decoder[0]!, units: 391 } as Layer, noise, ...smoke.decoder.slice(1)],
      [...smoke.decoder, noise],
      [noise, noise, ...smoke.decoder],
    ]) {
      expect(() => planDecoder({ ...smoke, decoder })).toThrow(
        /noise comes right before a layer with weights/,
      );
    }
    expect(() => planEncoder({ ...smoke, encoder: [noise, ...smoke.encoder] })).toThrow(SpecError);
    const codes = presets["vq-smoke"];
    const decoder = [codes.decoder[0]!, noise, ...codes.decoder.slice(1)];
    expect(() => planDecoder({ ...codes, decoder })).toThrow(/latents that numbers tell, not codes/);
  });
});
