// The promise of scheme s1: the bits of test/vectors/s1.json, in Node and in workerd alike.

import { describe, expect, it } from "vitest";
import { pixelsFromLogits, runReference } from "../../shared/decoder/reference.ts";
import { SCHEME, sampleLatent } from "../../shared/latent/gaussian.ts";
import { planDecoder } from "../../shared/model/spec.ts";
import { bitsOf, hashOf, models, seeds } from "../vectors/frozen.ts";
import frozen from "../vectors/s1.json" with { type: "json" };

describe(`scheme ${SCHEME} gives the frozen bits of`, () => {
  it("the latents of 2,000 seeds", () => {
    expect(frozen.scheme).toBe(SCHEME);
    expect(seeds).toHaveLength(2000);
    expect(seeds.map((seed) => ({ seed, bits: bitsOf(sampleLatent(seed, 16)) }))).toEqual(frozen.latents);
  });

  it.each(models)("the logits and pixels that the $name decoder makes of them", ({ name, spec, weights }) => {
    const plan = planDecoder(spec);
    const expected = frozen.decoders.find(({ model }) => model === name)!;
    const logits = seeds.map((seed) => runReference(plan, weights, sampleLatent(seed, spec.latentDim)));
    expect(bitsOf(logits[0]!)).toBe(expected.firstLogits);
    expect(logits.map(hashOf)).toEqual(expected.logits);
    expect(logits.map((values) => hashOf(pixelsFromLogits(values)))).toEqual(expected.pixels);
  });
});
