// The kernels are bit-equal to the reference for every kind of layer, shape and batch.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import kernels from "../../../build/decode-kernels.wasm";
import { createNetwork } from "../../../shared/decoder/network.ts";
import { GRAINS } from "../../../shared/decoder/noise.ts";
import { pixelsFromLogits, runReference } from "../../../shared/decoder/reference.ts";
import { WeightsError } from "../../../shared/errors.ts";
import { type AnyPlannedLayer, planLayers } from "../../../shared/model/layers.ts";
import { planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { presets } from "../../../shared/model/presets.ts";
import { dequantize, type StoredWeights } from "../../../shared/model/weights.ts";
import { bitsOf, drawStored, drawValues, plans } from "./networks.ts";

const activations = ["sigmoid", "hardSigmoid"] as const;

/** Runs both on the same examples, at once and in a second, smaller batch, and compares. */
function expectSameBits(
  plan: readonly AnyPlannedLayer[],
  stored: StoredWeights,
  inputs: Float32Array,
  batches: readonly number[],
): void {
  const weights = new Map([...stored].map(([name, tensor]) => [name, dequantize(tensor)]));
  const network = createNetwork(kernels, plan, stored, Math.max(...batches));
  const [inputSize, outputSize] = [network.input, network.output].map((a) => a.length / network.maxBatch);
  const examples = Array.from({ length: network.maxBatch }, (_, i) =>
    inputs.slice(i * inputSize!, (i + 1) * inputSize!),
  );
  const grains = examples.map((_, i) => [0, 1, 7_654_321, GRAINS - 1][i % 4]!);
  const expected = examples.map((example, i) => runReference(plan, weights, example, grains[i]));
  network.grains.set(grains);
  for (const batch of batches) {
    network.input.set(inputs.subarray(0, batch * inputSize!));
    network.run(batch);
    const [soft, hard] = activations.map((activation) => network.pixels(batch, activation).slice());
    for (let i = 0; i < batch; i++) {
      const at = [i * outputSize!, (i + 1) * outputSize!] as const;
      expect(bitsOf(network.output.subarray(...at))).toEqual(bitsOf(expected[i]!));
      expect(soft!.subarray(...at)).toEqual(pixelsFromLogits(expected[i]!, "sigmoid"));
      expect(hard!.subarray(...at)).toEqual(pixelsFromLogits(expected[i]!, "hardSigmoid"));
    }
  }
}

const inputLength = (plan: readonly AnyPlannedLayer[]) => plan[0]!.input.reduce((a, b) => a * b);

describe("the kernels are bit-equal to the reference", () => {
  it("on random networks, quantized and not, in any batch", () => {
    const property = fc.property(
      plans,
      fc.nat(),
      fc.constantFrom(0, 0.05, 0.5),
      fc.integer({ min: 1, max: 7 }),
      (plan, seed, hardness, batch) => {
        const stored = drawStored(plan, seed, hardness);
        const inputs = drawValues(batch * inputLength(plan), seed ^ 0x5bd1e995, hardness);
        expectSameBits(plan, stored, inputs, [batch, 1]);
      },
    );
    fc.assert(property, { numRuns: 150, seed: 1 });
  });

  it("on silu layers, residual and not", () => {
    const property = fc.property(
      fc.constantFrom(4, 12, 36),
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.boolean(), { maxLength: 3 }),
      fc.nat(),
      fc.integer({ min: 1, max: 13 }),
      (units, inputs, residual, seed, batch) => {
        const layers = [false, ...residual].map(
          (isResidual) => ({ kind: "silu", units, isResidual }) as const,
        );
        const plan = planLayers("flow", layers, [1, 1, inputs]);
        const values = drawValues(batch * inputs, seed ^ 0x5bd1e995, 0.05);
        expectSameBits(plan, drawStored(plan, seed, 0.05), values, [batch, 1]);
      },
    );
    fc.assert(property, { numRuns: 50, seed: 1 });
  });

  it.each(["mlp", "cnn", "smoke"] as const)("on the %s preset", (name) => {
    for (const plan of [planDecoder(presets[name]), planEncoder(presets[name])]) {
      for (const seed of [0, 0xffff]) {
        const stored = drawStored(plan, seed, 0.01);
        expectSameBits(plan, stored, drawValues(13 * inputLength(plan), 3, 0.01), [13, 1, 2]);
      }
    }
  });

  it("on the largest kernels and strides, and on kernels smaller than their stride", () => {
    for (const kind of ["conv2d", "conv2dTranspose"] as const) {
      for (const [kernel, stride] of [
        [16, 1],
        [16, 8],
        [1, 8],
        [3, 8],
        [5, 2],
        [2, 3],
      ] as const) {
        const layer = { kind, kernel, stride, filters: 6, activation: "relu" as const };
        const encoder = [layer, { kind: "flatten" as const }];
        const plan = planEncoder({
          input: [5, 4, 4],
          latent: { kind: "gaussian", dim: 1 },
          encoder,
          decoder: [],
        }).slice(0, 1);
        expectSameBits(plan, drawStored(plan, 0, 0.1), drawValues(2 * 80, 5, 0.1), [2, 1]);
      }
    }
  });

  it("for the pixels of logits of every size, of infinities and of NaN", () => {
    // A dense layer of one input, 1, and no bias: the weights are the logits.
    const encoder = [{ kind: "dense" as const, units: 4096, activation: "linear" as const }];
    const plan = planEncoder({
      input: [1, 1, 1],
      latent: { kind: "gaussian", dim: 1 },
      encoder,
      decoder: [],
    }).slice(0, 1);
    const logits = drawValues(4096, 11, 0.05).map((value) => (Math.abs(value) <= 1 ? value * 110 : value));
    logits.set([Number.NaN, Infinity, -Infinity, 80, -80, 88.8, -103.9, 0.5]);
    const zero = new Float32Array(4096);
    const network = createNetwork(
      kernels,
      plan,
      new Map([
        ["encoder_0/kernel", logits],
        ["encoder_0/bias", zero],
      ]),
    );
    network.input[0] = 1;
    network.run(1);
    for (const activation of activations) {
      expect(network.pixels(1, activation)).toEqual(pixelsFromLogits(logits, activation));
    }
  });
});

describe("a network", () => {
  it("of weights that lack a tensor, or have one of another size, is refused by name", () => {
    const plan = planDecoder(presets.smoke);
    const stored = new Map(drawStored(plan, 0, 0));
    stored.set("decoder_0/bias", new Float32Array(3));
    expect(() => createNetwork(kernels, plan, stored)).toThrow(/"decoder_0\/bias" has 3 elements.*392/);
    stored.delete("decoder_0/bias");
    expect(() => createNetwork(kernels, plan, stored)).toThrow(WeightsError);
  });
});
