// A release as it lies in a bucket, read with every check.

import { MissingObjectError } from "../../shared/errors.ts";
import type { Published } from "../../shared/release/catalog.ts";
import { CARD_FILE, type Card, checkFile, parseCard, releaseKey } from "../../shared/release/release.ts";
import type { Bucket } from "./bucket.ts";

export interface ReleaseFiles {
  readonly card: Card;
  /** Every file that the card lists. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The card of a published version.
 * @throws MissingObjectError, DigestError, SchemaError, UnsupportedReleaseError, PublishError
 */
export async function readStoredCard(bucket: Bucket, name: string, published: Published): Promise<Card> {
  const bytes = await readObject(bucket, releaseKey(name, published.version, CARD_FILE));
  return parseCard(bytes, published.sha256);
}

/**
 * A file that a published version's card lists.
 * @throws MissingObjectError, DigestError, PublishError
 */
export async function readStoredFile(
  bucket: Bucket,
  name: string,
  { version }: Published,
  card: Card,
  file: string,
): Promise<Uint8Array> {
  const body = await readObject(bucket, releaseKey(name, version, file));
  await checkFile(card, file, body);
  return body;
}

/** Bytes of all its objects, the card's own aside. */
export function sizeOf({ files }: Card): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}

async function readObject(bucket: Bucket, key: string): Promise<Uint8Array> {
  const stored = await bucket.get(key);
  if (!stored) throw new MissingObjectError(`${bucket.description} has no object ${key}`);
  return stored.body;
}
