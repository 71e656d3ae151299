// The classifier's two files: weights.bin, and weights.json that describes it and holds its digest.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import {
  isQuantized,
  packWeights,
  quantizeNearest,
  readWeights,
  type StoredWeights,
  type Weights,
  WeightsManifestSchema,
} from "../../../shared/model/weights.ts";
import { Sha256Schema, sha256 } from "../../../shared/release/release.ts";
import { DatasetError } from "../../errors.ts";
import { replaceFile, replaceJson } from "../../train/replace-file.ts";
import { CLASSIFIER_PLAN } from "./network.ts";
import type { ClassifierTraining } from "./train.ts";

const WEIGHTS_FILE = "weights.bin";
const CARD_FILE = "weights.json";
const SPECS = CLASSIFIER_PLAN.flatMap(({ weights }) => weights);

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const ClassifierCardSchema = v.object({
  /** Of weights.bin. */
  sha256: Sha256Schema,
  /** Share of images whose digit is recognised with the stored weights. */
  accuracy: v.object({ validation: share, test: share }),
  /** How it was trained. */
  training: v.record(v.string(), v.union([v.number(), v.string()])),
  weightsManifest: WeightsManifestSchema,
});
export type ClassifierCard = v.InferOutput<typeof ClassifierCardSchema>;

/** Where the repository keeps its classifier. */
export function classifierFolder(): string {
  return fileURLToPath(new URL(".", import.meta.url));
}

/** Large kernels rounded to uint8, so that the file stays small; the rest as it is. */
export function quantizeClassifier(weights: Weights): StoredWeights {
  return new Map(
    SPECS.map((spec) => {
      const values = weights.get(spec.name)!;
      return [spec.name, isQuantized(spec) ? quantizeNearest(spec.name, values) : values] as const;
    }),
  );
}

/** Writes both files into a folder. */
export async function writeClassifier(
  folder: string,
  weights: StoredWeights,
  accuracy: ClassifierCard["accuracy"],
  training: ClassifierTraining & { readonly seconds: number },
): Promise<void> {
  const { manifest, bytes } = packWeights(SPECS, weights, WEIGHTS_FILE);
  const card = { sha256: await sha256(bytes), accuracy, training, weightsManifest: manifest };
  await replaceFile(join(folder, WEIGHTS_FILE), bytes);
  await replaceJson(join(folder, CARD_FILE), card);
}

/**
 * Reads both files.
 * @throws DatasetError when one is missing or damaged; WeightsError when they describe another network
 */
export async function readClassifier(
  folder: string,
): Promise<{ readonly card: ClassifierCard; readonly weights: StoredWeights }> {
  const [cardPath, weightsPath] = [join(folder, CARD_FILE), join(folder, WEIGHTS_FILE)];
  const [text, bytes] = [await read(cardPath), await read(weightsPath)];
  const card = v.safeParse(v.pipe(v.string(), v.parseJson(), ClassifierCardSchema), text.toString());
  if (!card.success) {
    const [issue] = card.issues;
    throw new DatasetError(
      `${cardPath} is damaged at ${v.getDotPath(issue) ?? "its text"}: ${issue.message}`,
    );
  }
  const digest = await sha256(bytes);
  if (digest !== card.output.sha256) {
    throw new DatasetError(
      `${weightsPath} is damaged: its SHA-256 is ${digest}, expected ${card.output.sha256}; ` +
        `restore both files by "git checkout -- trainer/evaluate/classifier"`,
    );
  }
  // A Buffer's slices are views; the reader of weights needs copies.
  const weights = readWeights(SPECS, card.output.weightsManifest, new Uint8Array(bytes));
  return { card: card.output, weights };
}

function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new DatasetError(`cannot read ${path}, part of the repository's classifier`, { cause });
  });
}
