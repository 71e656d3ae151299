// The files of a release as they lie in the bucket, verified before they leave: what is wrong would be kept for a year.
// A request can name nothing else, because only files that the card lists are looked up.

import { CARD_FILE, type Card, checkFile, parseCard, releaseKey, sha256 } from "../shared/release.ts";
import { type ReadableBucket, type ReadTiming, readRequired, withRetries } from "./bucket-reader.ts";
import { MAX_BINARY_BYTES } from "./model-cache.ts";
import { pinnedName, type ResolvedModel } from "./model-store.ts";
import { once } from "./once.ts";
import { UnknownFileError } from "./problems.ts";

/** Cards kept, some tens of kilobytes each. */
const MAX_CARDS = 8;

export interface ReleaseFile {
  readonly name: string;
  readonly byteLength: number;
  readonly sha256: string;
  /** @throws MissingObjectError, DigestError */
  readonly read: () => Promise<Uint8Array>;
}

interface StoredCard {
  readonly card: Card;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

export interface ReleaseReader {
  /** @throws UnknownFileError; MissingObjectError, DigestError, SchemaError, UnsupportedReleaseError */
  readonly file: (model: ResolvedModel, name: string) => Promise<ReleaseFile>;
}

export function createReleaseReader(
  bucket: ReadableBucket,
  keepAlive: (load: Promise<unknown>) => void,
  timing: ReadTiming,
): ReleaseReader {
  const cards = new Map<string, () => Promise<StoredCard>>();
  /** Bytes that pass a check, which damaged ones may do at another try. */
  const readChecked = <T>(key: string, check: (bytes: Uint8Array) => Promise<T>): Promise<T> =>
    withRetries(timing, async () => check((await readRequired(bucket, key, MAX_BINARY_BYTES, timing)).bytes));

  const cardOf = ({ name, version, cardSha256 }: ResolvedModel) => {
    const key = releaseKey(name, version, CARD_FILE);
    const reading =
      cards.get(key) ??
      once(
        () =>
          readChecked(key, async (bytes) => ({
            card: await parseCard(bytes, cardSha256),
            bytes,
            sha256: await sha256(bytes),
          })),
        keepAlive,
      );
    cards.delete(key);
    cards.set(key, reading);
    if (cards.size > MAX_CARDS) cards.delete(cards.keys().next().value!);
    return reading();
  };

  return {
    file: async (model, name) => {
      const { card, bytes, sha256 } = await cardOf(model);
      if (name === CARD_FILE) {
        return { name, byteLength: bytes.byteLength, sha256, read: async () => bytes };
      }
      const listed = Object.hasOwn(card.files, name) ? card.files[name] : undefined;
      if (!listed) {
        const known = [CARD_FILE, ...Object.keys(card.files)].join(", ");
        throw new UnknownFileError(`${pinnedName(model)} has no file "${name}"; its files are ${known}`);
      }
      return {
        name,
        byteLength: listed.bytes,
        sha256: listed.sha256,
        read: () =>
          readChecked(releaseKey(model.name, model.version, name), async (body) => {
            await checkFile(card, name, body);
            return body;
          }),
      };
    },
  };
}
