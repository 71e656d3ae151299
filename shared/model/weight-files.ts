// Weights as stored in a release: a JSON file with their manifest, and a file of bytes.

import type * as v from "valibot";
import { parseDocument } from "../document.ts";
import type { WeightSpec } from "./spec.ts";
import { readWeights, type StoredWeights, type WeightsManifest } from "./weights.ts";

/**
 * Reads a pair of files.
 * @param schema  of the JSON file
 * @param specs  of the tensors, in order
 * @throws SchemaError, WeightsError; what `read` throws
 */
export async function readWeightFiles(
  files: { readonly model: string; readonly weights: string },
  schema: v.GenericSchema<unknown, { readonly weightsManifest: WeightsManifest }>,
  specs: readonly WeightSpec[],
  read: (file: string) => Promise<Uint8Array>,
): Promise<StoredWeights> {
  const [json, bytes] = await Promise.all([read(files.model), read(files.weights)]);
  const { weightsManifest } = parseDocument(schema, json, files.model);
  return readWeights(specs, weightsManifest, bytes);
}
