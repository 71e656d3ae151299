// Decoder and encoder as their callers see them, and the frozen vectors through the kernels.

import { describe, expect, it } from "vitest";
import kernels from "../../../build/decode-kernels.wasm";
import { createDecoder } from "../../../shared/decoder/decoder.ts";
import { createEncoder } from "../../../shared/decoder/encoder.ts";
import { createReferenceDecoder, runReference } from "../../../shared/decoder/reference.ts";
import { ArgumentError } from "../../../shared/errors.ts";
import { sampleLatent } from "../../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { presets } from "../../../shared/model/presets.ts";
import { drawWeights } from "../../fixture.ts";
import { hashOf, bitsOf as hexOf, models, seeds } from "../../vectors/frozen.ts";
import frozen from "../../vectors/s1.json" with { type: "json" };

const { smoke } = presets;
const weights = drawWeights(planDecoder(smoke), "1");
const latents = Array.from({ length: 30 }, (_, i) => sampleLatent(String(i), latentDim(smoke)));

describe("the decoder", () => {
  it.each(models)("gives the frozen bits of the $name model", ({ name, spec, weights }) => {
    const expected = frozen.decoders.find(({ model }) => model === name)!;
    const decoder = createDecoder(kernels, spec, weights);
    const samples = seeds.map((seed) => sampleLatent(seed, latentDim(spec)));
    const logits = samples.map((latent) => decoder.logits(latent));
    expect(hexOf(logits[0]!)).toBe(expected.firstLogits);
    expect(logits.map(hashOf)).toEqual(expected.logits);
    expect(decoder.images(samples).map(({ pixels }) => hashOf(pixels))).toEqual(expected.pixels);
  });

  it("decodes none, one or more latents than a batch like the reference", () => {
    const decoder = createDecoder(kernels, smoke, weights, { maxBatch: 7 });
    const reference = createReferenceDecoder(smoke, weights);
    const flat = Float32Array.from(latents.flatMap((latent) => [...latent]));
    expect(decoder.images(latents)).toEqual(reference.images(latents));
    expect(decoder.images([])).toEqual([]);
    expect(decoder.image(latents[3]!)).toEqual(reference.image(latents[3]!));
    expect(hexOf(decoder.logits(flat))).toBe(hexOf(reference.logits(flat)));
  });

  it("returns copies: a later decode does not change an earlier result", () => {
    const decoder = createDecoder(kernels, smoke, weights);
    const [image, logits] = [decoder.image(latents[0]!), decoder.logits(latents[0]!)];
    const [pixels, bits] = [image.pixels.slice(), hexOf(logits)];
    decoder.images(latents);
    expect(image.pixels).toEqual(pixels);
    expect(hexOf(logits)).toBe(bits);
  });

  it("refuses a latent of another length", () => {
    const decoder = createDecoder(kernels, smoke, weights);
    expect(() => decoder.image(new Float32Array(3))).toThrow(ArgumentError);
    expect(() => decoder.images([latents[0]!, new Float32Array(1)])).toThrow(ArgumentError);
    expect(() => decoder.logits(new Float32Array(3))).toThrow(ArgumentError);
  });
});

describe("the encoder", () => {
  it("equals the reference, and refuses an image of another size", () => {
    const plan = planEncoder(smoke);
    const weights = drawWeights(plan, "2");
    const { encode } = createEncoder(kernels, smoke, weights);
    const image = Float32Array.from({ length: 784 }, (_, i) => (i % 17) / 16);
    expect(hexOf(encode(image))).toBe(hexOf(runReference(plan, weights, image)));
    expect(() => encode(new Float32Array(783))).toThrow(ArgumentError);
  });
});
