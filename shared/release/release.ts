// What the bucket contains: releases, each a folder of immutable objects under models/<name>/<version>/. Schemas, keys and
// digests; open.ts reads a release's files. The catalog says which releases are live, see catalog.ts.

import * as v from "valibot";
import { parseDocument } from "../document.ts";
import { DigestError, SchemaError, UnsupportedReleaseError } from "../errors.ts";
import { SCHEMES, schemeOf } from "../latent/kind.ts";
import { ModelSpecSchema } from "../model/stored-spec.ts";

export const CARD_SCHEMA = 1;

const finite = v.custom<number>(Number.isFinite, "expected a finite number");

export const Sha256Schema = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "expected 64 hex digits"));

/** A model's name: it is part of keys, addresses and file names. */
export const ModelNameSchema = v.pipe(
  v.string(),
  v.regex(
    /^[a-z][a-z0-9-]{0,31}$/,
    "a model's name is a lower-case letter, then up to 31 letters, digits or -",
  ),
);

/** The first 12 hex digits of SHA-256(card.json), so a version names its content. */
export const VersionSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/, "a version is 12 hex digits"));

/** Nats per image; total = reconstruction + kl. */
export const LossSchema = v.strictObject({ reconstruction: finite, kl: finite, total: finite });

export const EpochSchema = v.strictObject({
  /** From 1. */
  epoch: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Wall time of training and validation. */
  seconds: finite,
  training: LossSchema,
  validation: LossSchema,
  /** For models with codes, on the validation images. */
  codes: v.optional(
    v.strictObject({
      /** Squared distance of the encoder's outputs from their codes, per image. */
      commitment: finite,
      /** exp of the entropy of the codes' frequencies. */
      perplexity: finite,
      /** Codes that occurred. */
      used: v.pipe(v.number(), v.integer(), v.minValue(0)),
    }),
  ),
});

/** Stages after the first, of the kinds of latent that have some. */
const STAGES = ["prior", "flow", "distillation", "reader", "fine-tuning"] as const;
export type StageName = (typeof STAGES)[number];

/** An epoch of one: its loss, such as -log p(codes | digit) in nats per image for a prior over codes. */
export const StageEpochSchema = v.strictObject({
  epoch: v.pipe(v.number(), v.integer(), v.minValue(1)),
  seconds: finite,
  training: finite,
  validation: finite,
});

const CardSchema = v.strictObject({
  schema: v.literal(CARD_SCHEMA),
  name: ModelNameSchema,
  spec: ModelSpecSchema,
  /** Arithmetic that turns a seed into pixels. */
  scheme: v.picklist(SCHEMES),
  /** The run's configuration; the trainer owns its schema. */
  training: v.record(v.string(), v.unknown()),
  /** What made it: code revision, trainer's version, backend, wall time of the run. */
  source: v.strictObject({
    revision: v.string(),
    trainer: v.string(),
    backend: v.string(),
    wallSeconds: finite,
  }),
  data: v.strictObject({
    name: v.string(),
    url: v.string(),
    licence: v.string(),
    files: v.record(v.string(), Sha256Schema),
  }),
  history: v.pipe(v.array(EpochSchema), v.minLength(1)),
  /** On the validation images, by the serving engine, with one set of noise. */
  metrics: v.strictObject({
    validationImages: v.pipe(v.number(), v.integer()),
    float: LossSchema,
    quantized: LossSchema,
    /** |float - quantized| of decoded pixels, in units of 1/255. */
    pixelError: v.strictObject({ mean: finite, p999: finite, max: finite }),
    /** Of a model with a flow: root mean square by which quantization moves drawn latents, in their deviations. */
    latentShift: v.optional(finite),
  }),
  /** The epochs of each stage after the first. */
  ...v.entriesFromList(STAGES, v.optional(v.pipe(v.array(StageEpochSchema), v.minLength(1)))),
  /** SHA-256 of the pixels, row by row, that these seeds draw. */
  golden: v.array(v.strictObject({ seed: v.string(), sha256: Sha256Schema })),
  /** Every other file of the release. */
  files: v.record(
    v.string(),
    v.strictObject({ bytes: v.pipe(v.number(), v.integer()), sha256: Sha256Schema }),
  ),
});

export type Loss = v.InferOutput<typeof LossSchema>;
export type EpochRecord = v.InferOutput<typeof EpochSchema>;
export type StageEpoch = v.InferOutput<typeof StageEpochSchema>;
export type Card = v.InferOutput<typeof CardSchema>;

/** Files of a release that hold a network: topology with manifest, and weights. */
export const NETWORK_FILES = {
  decoder: { model: "model.json", weights: "weights.bin" },
  encoder: { model: "encoder.json", weights: "encoder.bin" },
} as const;

export const CARD_FILE = "card.json";
/** A sheet of samples, for people. */
export const PREVIEW_FILE = "preview.png";

export function releaseKey(name: string, version: string, file: string): string {
  return `models/${name}/${version}/${file}`;
}

export function versionOf(cardSha256: string): string {
  return cardSha256.slice(0, 12);
}

/** SHA-256 in hex digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Reads a card.
 * @param expectedSha256  its digest, or the digest's first 12 digits, which are the version
 * @throws DigestError, UnsupportedReleaseError, SchemaError
 */
export async function parseCard(bytes: Uint8Array, expectedSha256: string): Promise<Card> {
  await checkDigest(CARD_FILE, bytes, expectedSha256);
  const card = parseDocument(CardSchema, bytes, CARD_FILE, CARD_SCHEMA, ({ scheme }) => {
    if (typeof scheme !== "string" || SCHEMES.includes(scheme)) return;
    throw new UnsupportedReleaseError(
      `${CARD_FILE} is for scheme ${scheme}; this version draws ${SCHEMES.join(" and ")}`,
    );
  });
  const scheme = schemeOf(card.spec);
  if (card.scheme !== scheme) {
    throw new SchemaError(`${CARD_FILE}: scheme ${card.scheme} for a spec that is drawn by ${scheme}`);
  }
  return card;
}

/**
 * Checks a release's file against its card.
 * @throws DigestError, SchemaError when the card does not list the file
 */
export async function checkFile(card: Card, file: string, bytes: Uint8Array): Promise<void> {
  const promised = card.files[file];
  if (!promised) throw new SchemaError(`${CARD_FILE} does not list ${file}`);
  if (bytes.byteLength !== promised.bytes) {
    throw new DigestError(`${file} has ${bytes.byteLength} bytes; its card promises ${promised.bytes}`);
  }
  await checkDigest(file, bytes, promised.sha256);
}

/** JSON as it is stored: indented, so that people can read it. */
export function stringifyJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

async function checkDigest(what: string, bytes: Uint8Array, expected: string): Promise<void> {
  const found = await sha256(bytes);
  if (!found.startsWith(expected))
    throw new DigestError(`${what} has SHA-256 ${found}; expected ${expected}`);
}
