// Networks of a latent as a release holds them: a JSON file with their manifest, and a file of bytes.

import type { WeightSpec } from "../../shared/model/spec.ts";
import {
  isQuantized,
  packWeights,
  quantizeNearest,
  readWeights,
  type Weights,
} from "../../shared/model/weights.ts";
import { stringifyJson } from "../../shared/release/release.ts";

/**
 * Rounds tensors to uint8.
 * @param names  of the files
 * @param precise  tensors that stay float32, as small ones do
 * @returns the files, and the weights that a reader gets
 */
export function packRounded(
  names: { readonly model: string; readonly weights: string },
  format: string,
  specs: readonly WeightSpec[],
  float: Weights,
  precise: ReadonlySet<WeightSpec> = new Set(),
) {
  const stored = new Map(
    specs.map((tensor) => {
      const values = float.get(tensor.name)!;
      const isRounded = isQuantized(tensor) && !precise.has(tensor);
      return [tensor.name, isRounded ? quantizeNearest(tensor.name, values) : values] as const;
    }),
  );
  const { manifest, bytes } = packWeights(specs, stored, names.weights);
  const files = new Map([
    [names.model, stringifyJson({ format, weightsManifest: manifest })],
    [names.weights, bytes],
  ]);
  return { files, packed: readWeights(specs, manifest, bytes) };
}
