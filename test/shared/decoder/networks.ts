// Random networks for the kernels' tests: every kind of layer, odd shapes, and weights that are hard on float32.

import fc from "fast-check";
import { type AnyPlannedLayer, type PlannedLayer, planLayers } from "../../../shared/model/layers.ts";
import { type Layer, type ModelSpec, size } from "../../../shared/model/spec.ts";
import type { StoredTensor, StoredWeights } from "../../../shared/model/weights.ts";

/** Images stay small, so that the reference is quick. */
const MAX_SIZE = 3000;

const channels = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(12, 16, 20, 32));
const activation = fc.constantFrom("linear" as const, "relu" as const);
const convolution = fc.record({
  filters: channels,
  kernel: fc.integer({ min: 1, max: 6 }),
  stride: fc.integer({ min: 1, max: 4 }),
  activation,
});
const layer: fc.Arbitrary<Layer> = fc.oneof(
  convolution.map((fields) => ({ kind: "conv2d" as const, ...fields })),
  convolution.map((fields) => ({ kind: "conv2dTranspose" as const, ...fields })),
  fc.record({ kind: fc.constant("dense" as const), units: fc.integer({ min: 1, max: 70 }), activation }),
);
const shape = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), channels);

/** A stack of up to three layers, with a flatten before and a reshape after dense ones, where they are needed. */
export const plans: fc.Arbitrary<readonly PlannedLayer[]> = fc
  .record({
    input: shape,
    layers: fc.array(layer, { minLength: 1, maxLength: 3 }),
    split: fc.integer({ min: 1, max: 4 }),
    planes: fc.array(fc.constantFrom(0, 0, 1, 2, 3), { minLength: 3, maxLength: 3 }),
  })
  .map(({ input, layers, split, planes }) => {
    const encoder: Layer[] = [];
    for (const [i, next] of layers.entries()) {
      const output = outputOf(input, encoder);
      if (next.kind === "dense" && output[0] * output[1] > 1) encoder.push({ kind: "flatten" });
      if (next.kind !== "dense" && output[0] * output[1] === 1 && output[2] % split === 0) {
        encoder.push({ kind: "reshape", shape: [1, split, output[2] / split] });
      }
      if (planes[i]! > 0) encoder.push({ kind: "noise", version: 1, planes: planes[i]! });
      encoder.push(next);
    }
    return { input, encoder };
  })
  .filter(({ input, encoder }) =>
    encoder.every((_, i) => size(outputOf(input, encoder.slice(0, i + 1))) <= MAX_SIZE),
  )
  .map(({ input, encoder }) => planLayers("encoder", encoder, input));

function outputOf(input: ModelSpec["input"], encoder: Layer[]): ModelSpec["input"] {
  const output = planLayers("encoder", encoder, input).at(-1)?.output ?? input;
  return [...output];
}

/** Ordinary numbers, and among them zeros of both signs, subnormal and large ones. */
const special = [0, -0, 1, -1, 1e-42, -1e-39, 3e7, -1e12];

/** A stream of hard float32 values. */
export function drawValues(length: number, seed: number, hardness: number): Float32Array {
  let state = seed | 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
  return Float32Array.from({ length }, () =>
    next() < hardness ? special[Math.floor(next() * special.length)]! : next() * 2 - 1,
  );
}

/** Weights, each tensor quantized or not. */
export function drawStored(plan: readonly AnyPlannedLayer[], seed: number, hardness: number): StoredWeights {
  const stored = new Map<string, StoredTensor>();
  plan
    .flatMap(({ weights }) => weights)
    .forEach(({ name, shape }, index) => {
      const values = drawValues(size(shape), seed + index * 7919, hardness);
      const isQuantized = ((seed >> index) & 1) === 1;
      const bytes = Uint8Array.from(values, (value) => Math.abs(value * 1e4) & 255);
      stored.set(name, isQuantized ? { values: bytes, scale: 0.0123, min: -1.37 } : values);
    });
  return stored;
}

/** Float32 bits; all NaN are one, since their payload is the processor's affair. */
export function bitsOf(values: Float32Array): Uint32Array {
  const canonical = values.map((value) => (Number.isNaN(value) ? Number.NaN : value));
  return new Uint32Array(canonical.buffer);
}
