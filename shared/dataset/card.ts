// What comes with a generated data set: which model drew it, from what seed and options, and the digests of its files. It
// names no time and no place, so the same set has the same card everywhere.

import * as v from "valibot";
import { parseDocument } from "../document.ts";
import { ModelNameSchema, Sha256Schema, VersionSchema } from "../release/release.ts";
import { IDX_FILES, PARTS } from "./idx.ts";
import { BALANCES } from "./plan.ts";

/** Beside the data files. */
export const SET_CARD_FILE = "card.json";
const SET_CARD_SCHEMA = 1;

/** In the bucket: the card of a published set. */
export function setCardKey(name: string): string {
  return `datasets/${name}.json`;
}

/** The set whose card has this key; undefined for other keys. */
export function setNameOf(key: string): string | undefined {
  return /^datasets\/([^/]+)\.json$/.exec(key)?.[1];
}

/** In the bucket: a file of published sets, by its content. */
export function setFileKey(fileSha256: string): string {
  return `datasets/files/${fileSha256}`;
}

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const range = v.pipe(v.strictTuple([v.number(), v.number()]), v.readonly());
const FileSchema = v.strictObject({
  bytes: whole,
  sha256: Sha256Schema,
  /** What torchvision compares. */
  md5: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, "expected 32 hex digits")),
});

const SetCardSchema = v.strictObject({
  schema: v.literal(SET_CARD_SCHEMA),
  model: v.strictObject({ name: ModelNameSchema, version: VersionSchema }),
  set: v.strictObject({
    seed: v.string(),
    balance: v.picklist(BALANCES),
    digits: v.pipe(v.array(whole), v.readonly()),
    temperature: v.number(),
    slant: range,
    weight: range,
  }),
  /** Images that show each digit, 0 to 9. */
  counts: v.strictObject(v.entriesFromList(PARTS, v.pipe(v.array(whole), v.length(10)))),
  /** By name: the four data files, compressed if their names end in .gz. */
  files: v.record(v.string(), FileSchema),
  licence: v.string(),
});
export type SetCard = v.InferOutput<typeof SetCardSchema>;

/** @throws SchemaError, UnsupportedReleaseError */
export function parseSetCard(bytes: Uint8Array): SetCard {
  return parseDocument(SetCardSchema, bytes, SET_CARD_FILE, SET_CARD_SCHEMA);
}

export function makeSetCard(card: Omit<SetCard, "schema" | "licence">): SetCard {
  return {
    schema: SET_CARD_SCHEMA,
    ...card,
    licence: "CC BY-SA 3.0, as MNIST, from which the model learned",
  };
}

/** The names that the data files of a set have. */
export function setFiles(isCompressed: boolean): string[] {
  return IDX_FILES.map((file) => (isCompressed ? `${file}.gz` : file));
}
