// Weights as tfjs stores them: one binary file, described by the weightsManifest of a layers-model `model.json`
// with its standard affine quantization (value = q * scale + min). Packing, unpacking and all their checks.
// https://www.tensorflow.org/js/guide/save_load, tfjs-core io/io_utils.ts

import * as v from "valibot";
import { WeightsError } from "../errors.ts";
import { size, type WeightSpec } from "./spec.ts";

/** Tensors by name, float32, in the layout of their WeightSpec. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** A tensor as a release stores it: value = fround(q * scale + min). */
export interface QuantizedTensor {
  readonly values: Uint8Array;
  readonly scale: number;
  readonly min: number;
}

export type StoredTensor = Float32Array | QuantizedTensor;

/** Tensors by name, as stored; `Weights` satisfy it. */
export type StoredWeights = ReadonlyMap<string, StoredTensor>;

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

/** Whether a tensor is large enough to be worth quantizing. */
export function isQuantized({ shape }: WeightSpec): boolean {
  return size(shape) >= MIN_QUANTIZED_SIZE;
}

/**
 * Rounds to the nearest of 256 steps between the least and the greatest value, which lie on steps themselves.
 * @throws WeightsError when a value is not finite
 */
export function quantizeNearest(name: string, weights: Float32Array): QuantizedTensor {
  checkFinite(name, weights);
  let [min, max] = [Infinity, -Infinity];
  for (const weight of weights) {
    min = Math.min(min, weight);
    max = Math.max(max, weight);
  }
  const scale = (max - min) / 255;
  const values = Uint8Array.from(weights, (weight) => (scale === 0 ? 0 : Math.round((weight - min) / scale)));
  return { values, scale, min };
}

/**
 * Writes tensors as a weights file with its manifest.
 * @param path  name of the file
 * @throws WeightsError when a tensor is missing or not finite
 */
export function packWeights(
  specs: readonly WeightSpec[],
  weights: StoredWeights,
  path: string,
): { manifest: WeightsManifest; bytes: Uint8Array } {
  const parts: Uint8Array[] = [];
  const entries = specs.map(({ name, shape }): WeightsManifest[number]["weights"][number] => {
    const tensor = weights.get(name);
    if (!tensor) throw new WeightsError(`no weights named "${name}" to pack`);
    const entry = { name, shape: [...shape], dtype: "float32" as const };
    if ("scale" in tensor) {
      parts.push(tensor.values);
      const { min, scale } = tensor;
      return { ...entry, quantization: { dtype: "uint8", min, scale, original_dtype: "float32" } };
    }
    checkFinite(name, tensor);
    parts.push(new Uint8Array(tensor.slice().buffer));
    return entry;
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
  const stored = readWeights(specs, manifest, bytes);
  return new Map([...stored].map(([name, tensor]) => [name, dequantize(tensor)]));
}

/**
 * Reads a weights file without dequantizing: quantized tensors are views of the bytes.
 * @throws WeightsError as unpackWeights does
 */
export function readWeights(
  specs: readonly WeightSpec[],
  manifest: WeightsManifest,
  bytes: Uint8Array,
): Map<string, StoredTensor> {
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
  const weights = new Map<string, StoredTensor>();
  let offset = 0;
  for (const { name, shape, quantization } of entries) {
    const length = size(shape) * (quantization ? 1 : 4);
    if (quantization) {
      const { scale, min } = quantization;
      const tensor = { values: bytes.subarray(offset, offset + length), scale, min };
      // All values lie between these two, so each needs checking only if the range overflows.
      const ends = dequantize({ ...tensor, values: Uint8Array.of(0, 255) });
      if (!ends.every(Number.isFinite)) checkFinite(name, dequantize(tensor));
      weights.set(name, tensor);
    } else {
      // A copy in a buffer of its own, also where the bytes are a Node Buffer, whose slice() is a view.
      const values = new Float32Array(new Uint8Array(bytes.subarray(offset, offset + length)).buffer);
      checkFinite(name, values);
      weights.set(name, values);
    }
    offset += length;
  }
  return weights;
}

/**
 * One tensor of a model.
 * @throws WeightsError when it is missing or has another size
 */
export function storedTensor(weights: StoredWeights, { name, shape }: WeightSpec): StoredTensor {
  const tensor = weights.get(name);
  if (!tensor) throw new WeightsError(`the weights lack "${name}"`);
  const length = "scale" in tensor ? tensor.values.length : tensor.length;
  if (length !== size(shape)) {
    throw new WeightsError(`"${name}" has ${length} elements; the model needs ${size(shape)}`);
  }
  return tensor;
}

/** The tensor's float32 values. */
export function dequantize(tensor: StoredTensor): Float32Array {
  if (!("scale" in tensor)) return tensor;
  const { values, scale, min } = tensor;
  return Float32Array.from(values, (q) => q * scale + min);
}

function checkFinite(name: string, values: Float32Array): void {
  if (areFinite(values)) return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  throw new WeightsError(`"${name}" holds ${values[at]} at index ${at}; weights must be finite`);
}

/** By searches, which need no compiled code and no memory when an isolate starts. */
export function areFinite(values: Float32Array): boolean {
  return !values.includes(Number.NaN) && !values.includes(Infinity) && !values.includes(-Infinity);
}

/** Joins byte arrays end to end. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
