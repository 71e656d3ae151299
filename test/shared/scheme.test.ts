// The promise of scheme s1: the bits of test/vectors/s1.json, in Node and in workerd alike. By the reference here; by the
// kernels, all of them, in decoder/decoder.test.ts.

import { describe, expect, it } from "vitest";
import { pixelsFromLogits, runReference } from "../../shared/decoder/reference.ts";
import { SCHEME, sampleLatent } from "../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import { planDecoder } from "../../shared/model/plan.ts";
import { bitsOf, hashOf, models, seeds } from "../vectors/frozen.ts";
import frozen from "../vectors/s1.json" with { type: "json" };

describe(`scheme ${SCHEME} gives the frozen bits of`, () => {
  it("the latents of 2,000 seeds", () => {
    expect(frozen.scheme).toBe(SCHEME);
    expect(seeds).toHaveLength(2000);
    expect(seeds.map((seed) => ({ seed, bits: bitsOf(sampleLatent(seed, 16)) }))).toEqual(frozen.latents);
  });

  /** @param chosen  indices of seeds */
  function expectReference({ name, spec, weights }: (typeof models)[number], chosen: readonly number[]) {
    const plan = planDecoder(spec);
    const expected = frozen.decoders.find(({ model }) => model === name)!;
    const logits = chosen.map((i) => runReference(plan, weights, sampleLatent(seeds[i]!, latentDim(spec))));
    expect(bitsOf(logits[0]!)).toBe(expected.firstLogits);
    expect(logits.map(hashOf)).toEqual(chosen.map((i) => expected.logits[i]));
    const pixels = logits.map((values) => hashOf(pixelsFromLogits(values, "sigmoid")));
    expect(pixels).toEqual(chosen.map((i) => expected.pixels[i]));
  }
  const all = [...seeds.keys()];

  it.each(models)(
    "the logits and pixels of 200 of them by the $name decoder, the hard ones included",
    (model) => {
      expectReference(model, [...all.slice(0, 184), ...all.slice(-16)]);
    },
  );

  it.each(models)(
    "the logits and pixels of all of them by the $name decoder",
    { tags: ["slow"] },
    (model) => {
      expectReference(model, all);
    },
  );
});
