// The cards of releases, shared by all readers: requests are checked by the card before anything larger is read.

import { SchemaError } from "../../shared/errors.ts";
import { memoize } from "../../shared/memoize.ts";
import { CARD_FILE, type Card, parseCard, releaseKey, sha256 } from "../../shared/release/release.ts";
import { MAX_JSON_BYTES, type ReadableBucket, type ReadTiming, readRequired } from "./bucket-reader.ts";
import { pinnedName, type Version } from "./reference.ts";

/** Some tens of kilobytes each. */
const MAX_CARDS = 8;

export interface StoredCard {
  readonly card: Card;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** @throws MissingObjectError, BucketError, DigestError, SchemaError, OversizedError, UnsupportedReleaseError */
export type CardReader = (version: Version) => Promise<StoredCard>;

/** Tries once; failures are not remembered. */
export function createCardReader(
  bucket: ReadableBucket,
  now: () => number,
  keepAlive: (work: Promise<unknown>) => void,
  timing: ReadTiming,
): CardReader {
  return memoize(
    async ({ name, version }: Version) => {
      const key = releaseKey(name, version, CARD_FILE);
      const { bytes } = await readRequired(bucket, key, MAX_JSON_BYTES, timing);
      // The version is the beginning of the card's digest, and the card contains the digests of everything else.
      const card = await parseCard(bytes, version);
      if (card.name !== name) throw new SchemaError(`${key} is of a model named "${card.name}"`);
      return { card, bytes, sha256: await sha256(bytes) };
    },
    { keyOf: pinnedName, keeps: MAX_CARDS, now, keepAlive },
  );
}
