// A release as it lies in a bucket, read with every check.

import type { Published } from "../shared/catalog.ts";
import { MissingObjectError } from "../shared/errors.ts";
import { CARD_FILE, type Card, checkFile, parseCard, releaseKey } from "../shared/release.ts";
import type { Bucket } from "./bucket.ts";

export interface ReleaseFiles {
  readonly card: Card;
  /** Every file that the card lists. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The card of a published version.
 * @throws MissingObjectError, DigestError, SchemaError, UnsupportedReleaseError
 */
export async function readStoredCard(bucket: Bucket, name: string, published: Published): Promise<Card> {
  const bytes = await readObject(bucket, releaseKey(name, published.version, CARD_FILE));
  return parseCard(bytes, published.sha256);
}

/**
 * The whole release.
 * @throws MissingObjectError, DigestError, SchemaError, UnsupportedReleaseError
 */
export async function readStoredRelease(
  bucket: Bucket,
  name: string,
  published: Published,
): Promise<ReleaseFiles> {
  const card = await readStoredCard(bucket, name, published);
  const files = new Map<string, Uint8Array>();
  for (const file of Object.keys(card.files)) {
    const body = await readObject(bucket, releaseKey(name, published.version, file));
    await checkFile(card, file, body);
    files.set(file, body);
  }
  return { card, files };
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
