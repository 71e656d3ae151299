import { describe, expect, it } from "vitest";
import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import { runReference } from "../../../shared/decoder/reference.ts";
import { ArgumentError } from "../../../shared/errors.ts";
import type { PlannedLayer } from "../../../shared/model/layers.ts";
import { planDecoder, planEncoder } from "../../../shared/model/plan.ts";
import { presets } from "../../../shared/model/presets.ts";
import {
  dequantize,
  isQuantized,
  quantizeNearest,
  type StoredWeights,
  type Weights,
} from "../../../shared/model/weights.ts";
import { choleskyFactor, inverseFactor } from "../../../trainer/math/linear-algebra.ts";
import { quantizeNetwork } from "../../../trainer/release/quantize.ts";
import { drawWeights } from "../../fixture.ts";

const draw = (seed: string, length: number) => sampleNormal(createGenerator(seed), new Float32Array(length));

/** Root mean square difference of a network's outputs on inputs that it was not quantized for. */
function outputError(
  plan: readonly PlannedLayer[],
  weights: Weights,
  stored: StoredWeights,
  inputs: Float32Array[],
) {
  const readBack = new Map([...stored].map(([name, tensor]) => [name, dequantize(tensor)]));
  const squares = inputs.flatMap((input) => {
    const [exact, rounded] = [runReference(plan, weights, input), runReference(plan, readBack, input)];
    return Array.from(exact, (value, i) => (value - rounded[i]!) ** 2);
  });
  return Math.sqrt(squares.reduce((sum, x) => sum + x, 0) / squares.length);
}

function nearest(plan: readonly PlannedLayer[], weights: Weights): StoredWeights {
  const specs = plan.flatMap((planned) => planned.weights);
  return new Map(
    specs.map((spec) => {
      const values = weights.get(spec.name)!;
      return [spec.name, isQuantized(spec) ? quantizeNearest(spec.name, values) : values];
    }),
  );
}

describe("quantization with feedback", () => {
  it("costs a decoder of few latents a fraction of what rounding to the nearest step does", () => {
    const plan = planDecoder(presets.mlp);
    const weights = drawWeights(plan, "mlp", 0.2);
    const latents = Array.from({ length: 120 }, (_, i) => draw(`latent/${i}`, 2));
    const stored = quantizeNetwork(plan, weights, latents.slice(0, 80));
    const unseen = latents.slice(80);
    const withFeedback = outputError(plan, weights, stored, unseen);
    expect(withFeedback).toBeLessThan(0.4 * outputError(plan, weights, nearest(plan, weights), unseen));
  });

  it.each(["convolutions", "transposed convolutions"])(
    "is no worse than rounding on %s, whose inputs are noise",
    (kind) => {
      const plan = kind === "convolutions" ? planEncoder(presets.cnn) : planDecoder(presets.cnn);
      const weights = drawWeights(plan, kind, 0.1);
      const length = kind === "convolutions" ? 784 : 16;
      const inputs = Array.from({ length: 60 }, (_, i) =>
        draw(`${kind}/${i}`, length).map((x) => Math.max(0, x)),
      );
      const stored = quantizeNetwork(plan, weights, inputs.slice(0, 50));
      const unseen = inputs.slice(50);
      const withFeedback = outputError(plan, weights, stored, unseen);
      expect(withFeedback).toBeLessThan(1.02 * outputError(plan, weights, nearest(plan, weights), unseen));
    },
  );

  it("samples all columns of a feature map, whatever share of its positions is sampled", () => {
    const layer = planDecoder(presets["cnn-deep"]).find(({ input }) => input[1] === 14)!;
    const [height, width, channels] = layer.input;
    const weights = drawWeights([layer], "columns", 0.1);
    // Only odd columns hold anything, of two kinds: rounding errors compensate each other there alone. 61 maps of 14 x 14
    // positions are about twice as many as are sampled.
    const inputs = Array.from({ length: 80 }, (_, i) => {
      const [a, b] = [draw("a", channels), draw("b", channels)];
      const strengths = draw(`map/${i}`, 2 * height * width);
      return Float32Array.from({ length: height * width * channels }, (_, at) => {
        const [position, channel] = [Math.floor(at / channels), at % channels];
        if ((position % width) % 2 === 0) return 0;
        return strengths[2 * position]! * a[channel]! + strengths[2 * position + 1]! * b[channel]!;
      });
    });
    const stored = quantizeNetwork([layer], weights, inputs.slice(0, 61));
    const unseen = inputs.slice(61);
    const withFeedback = outputError([layer], weights, stored, unseen);
    expect(withFeedback).toBeLessThan(0.6 * outputError([layer], weights, nearest([layer], weights), unseen));
  });

  it("leaves small tensors float32, and keeps every value within its tensor's range", () => {
    const plan = planDecoder(presets.smoke);
    const weights = drawWeights(plan, "smoke");
    const stored = quantizeNetwork(plan, weights, [draw("a", 4), draw("b", 4)]);
    expect(stored.get("decoder_2/kernel")).toEqual(weights.get("decoder_2/kernel"));
    const kernel = weights.get("decoder_0/kernel")!;
    const rounded = dequantize(stored.get("decoder_0/kernel")!);
    expect(Math.max(...rounded)).toBeCloseTo(Math.max(...kernel), 5);
    for (const [i, value] of rounded.entries()) expect(Math.abs(value - kernel[i]!)).toBeLessThan(0.1);
  });
});

describe("a positive definite matrix", () => {
  const n = 12;
  const factor = Float64Array.from(draw("factor", n * n));
  const product = (a: Float64Array, b: Float64Array, transposeA = false, transposeB = false) =>
    Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let k = 0; k < n; k++)
        sum += a[transposeA ? k * n + i : i * n + k]! * b[transposeB ? j * n + k : k * n + j]!;
      return sum;
    });
  const matrix = product(factor, factor, false, true).map((x, at) => x + (at % (n + 1) === 0 ? 0.1 : 0));
  const expectClose = (a: Float64Array, b: Float64Array) =>
    expect(Math.max(...a.map((x, i) => Math.abs(x - b[i]!)))).toBeLessThan(1e-8);

  it.each([0, -1e-9, Number.NaN])("is required for a factor: a pivot of %d is refused", (pivot) => {
    const singular = Float64Array.of(1, 0, 0, pivot);
    expect(() => choleskyFactor(singular, 2)).toThrow(ArgumentError);
    expect(() => inverseFactor(singular, 2)).toThrow(`found one with ${pivot} on its diagonal`);
  });

  it("is the product of its Cholesky factors", () => {
    const lower = choleskyFactor(matrix, n);
    expectClose(product(lower, lower, false, true), matrix);
  });

  it("times the product of its inverse's factors is the identity", () => {
    const identity = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
    const upper = inverseFactor(matrix, n);
    expectClose(product(matrix, product(upper, upper, true)), identity);
  });
});
