// Reads a release from a bucket and checks all of it.

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
  return parseCard(await readObject(bucket, name, published, CARD_FILE), published.sha256);
}

/**
 * A file that a published version's card lists.
 * @throws MissingObjectError, DigestError, PublishError
 */
export async function readStoredFile(
  bucket: Bucket,
  name: string,
  published: Published,
  card: Card,
  file: string,
): Promise<Uint8Array> {
  const body = await readObject(bucket, name, published, file);
  await checkFile(card, file, body);
  return body;
}

/** Bytes of all files, without the card. */
export function sizeOf({ files }: Card): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}

async function readObject(bucket: Bucket, name: string, { version }: Published, file: string) {
  const key = releaseKey(name, version, file);
  const stored = await bucket.get(key);
  if (!stored) throw new MissingObjectError(`${bucket.description} has no object ${key}`);
  return stored.body;
}
