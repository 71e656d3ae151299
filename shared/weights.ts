// Weights as tfjs stores them: one binary file, described by the weightsManifest of a layers-model `model.json`
// with its standard affine quantization (value = q * scale + min). Packing and unpacking, with every check.
// https://www.tensorflow.org/js/guide/save_load, tfjs-core io/io_utils.ts

import * as v from "valibot";
import { WeightsError } from "./errors.ts";
import { size, type WeightSpec } from "./model.ts";

/** Tensors by name, float32, in the layout of their WeightSpec. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Tensors with fewer elements stay float32: they are few bytes, and biases matter to every pixel. */
const MIN_QUANTIZED_SIZE = 1024;

const EntrySchema = v.object({
  name: v.string(),
  shape: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  dtype: v.literal("float32"),
  quantization: v.optional(
    v.object({
      dtype: v.literal("uint8"),
      min: v.pipe(v.number(), v.finite()),
      scale: v.pipe(v.number(), v.finite(), v.minValue(0)),
      original_dtype: v.optional(v.literal("float32")),
    }),
  ),
});

export const WeightsManifestSchema = v.pipe(
  v.array(v.object({ paths: v.array(v.string()), weights: v.array(EntrySchema) })),
  v.length(1),
);
export type WeightsManifest = v.InferOutput<typeof WeightsManifestSchema>;

/**
 * Quantizes large tensors to uint8, one range per tensor that holds its least and greatest value exactly at the ends.
 * @returns the manifest, and the file's bytes
 */
export function packWeights(
  specs: readonly WeightSpec[],
  weights: Weights,
  path: string,
): { manifest: WeightsManifest; bytes: Uint8Array } {
  const parts: Uint8Array[] = [];
  const entries = specs.map(({ name, shape }): WeightsManifest[number]["weights"][number] => {
    const values = weights.get(name);
    if (!values) throw new WeightsError(`no weights named "${name}" to pack`);
    checkFinite(name, values);
    const entry = { name, shape: [...shape], dtype: "float32" as const };
    if (values.length < MIN_QUANTIZED_SIZE) {
      parts.push(new Uint8Array(values.slice().buffer));
      return entry;
    }
    const { quantized, min, scale } = quantize(values);
    parts.push(quantized);
    return { ...entry, quantization: { dtype: "uint8", min, scale, original_dtype: "float32" } };
  });
  return { manifest: [{ paths: [path], weights: entries }], bytes: concatenate(parts) };
}

/**
 * Reads a weights file back to float32, bit for bit as stock tfjs does.
 * @param specs  what the model needs: the manifest must hold exactly these names and shapes, in this order
 * @throws WeightsError when manifest, specs and bytes do not agree
 */
export function unpackWeights(
  specs: readonly WeightSpec[],
  manifest: WeightsManifest,
  bytes: Uint8Array,
): Map<string, Float32Array> {
  const entries = manifest.flatMap((group) => group.weights);
  const describe = (list: readonly WeightSpec[]) => list.map((w) => `${w.name} [${w.shape}]`).join(", ");
  if (describe(entries) !== describe(specs)) {
    throw new WeightsError(`the manifest holds ${describe(entries)}; the model needs ${describe(specs)}`);
  }
  const expected = entries.reduce((sum, e) => sum + size(e.shape) * (e.quantization ? 1 : 4), 0);
  if (bytes.byteLength !== expected) {
    throw new WeightsError(
      `the weights file has ${bytes.byteLength} bytes; its manifest describes ${expected}`,
    );
  }
  const weights = new Map<string, Float32Array>();
  let offset = 0;
  for (const { name, shape, quantization } of entries) {
    const length = size(shape) * (quantization ? 1 : 4);
    const slice = bytes.slice(offset, offset + length);
    const values = quantization
      ? Float32Array.from(slice, (q) => q * quantization.scale + quantization.min)
      : new Float32Array(slice.buffer);
    checkFinite(name, values);
    weights.set(name, values);
    offset += length;
  }
  return weights;
}

function quantize(values: Float32Array): { quantized: Uint8Array; min: number; scale: number } {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const scale = (max - min) / 255;
  const quantized = Uint8Array.from(values, (value) => (scale === 0 ? 0 : Math.round((value - min) / scale)));
  return { quantized, min, scale };
}

function checkFinite(name: string, values: Float32Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new WeightsError(`"${name}" holds ${values[at]} at index ${at}; weights must be finite`);
}

/** Joins byte arrays end to end. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
