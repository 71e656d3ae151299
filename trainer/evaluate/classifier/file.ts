// The classifier's two files: weights.bin, and weights.json that describes and vouches for it.

import { createHash } from "node:crypto";
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
import { DatasetError } from "../../errors.ts";
import { replaceFile } from "../../train/replace-file.ts";
import { CLASSIFIER_PLAN } from "./network.ts";
import type { ClassifierTraining } from "./train.ts";

const WEIGHTS_FILE = "weights.bin";
const CARD_FILE = "weights.json";

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const ClassifierCardSchema = v.object({
  /** Of weights.bin, in hex. */
  sha256: v.pipe(v.string(), v.hexadecimal(), v.length(64)),
  /** Share of images whose digit is recognised by the stored weights. */
  accuracy: v.object({ validation: share, test: share }),
  /** What trained it. */
  training: v.record(v.string(), v.union([v.number(), v.string()])),
  weightsManifest: WeightsManifestSchema,
});

/** What is told of a classifier beside its weights. */
export type ClassifierCard = v.InferOutput<typeof ClassifierCardSchema>;

/** Where the repository keeps its classifier. */
export function classifierFolder(): string {
  return fileURLToPath(new URL(".", import.meta.url));
}

/** Large kernels rounded to uint8, so that the file stays small; the rest as it is. */
export function quantizeClassifier(weights: Weights): StoredWeights {
  return new Map(
    CLASSIFIER_PLAN.flatMap((planned) => planned.weights).map((spec) => {
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
  const specs = CLASSIFIER_PLAN.flatMap((planned) => planned.weights);
  const { manifest, bytes } = packWeights(specs, weights, WEIGHTS_FILE);
  const card: ClassifierCard = {
    sha256: sha256(bytes),
    accuracy,
    training: { ...training },
    weightsManifest: manifest,
  };
  await replaceFile(join(folder, WEIGHTS_FILE), bytes);
  await replaceFile(join(folder, CARD_FILE), `${JSON.stringify(card, null, 2)}\n`);
}

/**
 * Reads both files.
 * @throws DatasetError when one is missing or damaged; WeightsError when they describe another network
 */
export async function readClassifier(
  folder: string,
): Promise<{ readonly card: ClassifierCard; readonly weights: StoredWeights }> {
  const [text, bytes] = await Promise.all([CARD_FILE, WEIGHTS_FILE].map((name) => read(join(folder, name))));
  const card = v.safeParse(
    v.pipe(v.string(), v.parseJson(), ClassifierCardSchema),
    new TextDecoder().decode(text),
  );
  if (!card.success) {
    const [issue] = card.issues;
    const where = v.getDotPath(issue) ?? "its text";
    throw new DatasetError(`${join(folder, CARD_FILE)} is damaged at ${where}: ${issue.message}`);
  }
  const digest = sha256(bytes!);
  if (digest !== card.output.sha256) {
    throw new DatasetError(
      `${join(folder, WEIGHTS_FILE)} is damaged: its SHA-256 is ${digest}, ${CARD_FILE} says ${card.output.sha256}; ` +
        `restore both by "git checkout -- trainer/evaluate/classifier"`,
    );
  }
  const specs = CLASSIFIER_PLAN.flatMap((planned) => planned.weights);
  return { card: card.output, weights: readWeights(specs, card.output.weightsManifest, bytes!) };
}

async function read(path: string): Promise<Uint8Array> {
  const file = await readFile(path).catch((cause: unknown) => {
    throw new DatasetError(`cannot read ${path}, part of the classifier that the repository keeps`, {
      cause,
    });
  });
  // A Buffer's slices are views; the reader of weights wants copies.
  return new Uint8Array(file);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
