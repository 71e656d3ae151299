// The files of a release as they lie in the bucket, verified before they leave: what is wrong would be kept for a year.
// A request can name nothing else, because only files that the card lists are looked up.

import { CARD_FILE, type Card, checkFile, parseCard, releaseKey } from "../shared/release.ts";
import { pinnedName, type ResolvedModel, readObject } from "./model-store.ts";
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

export interface ReleaseReader {
  /** @throws UnknownFileError; MissingObjectError, DigestError, SchemaError, UnsupportedReleaseError */
  readonly file: (model: ResolvedModel, name: string) => Promise<ReleaseFile>;
}

export function createReleaseReader(
  bucket: Pick<R2Bucket, "get">,
  keepAlive: (load: Promise<unknown>) => void,
): ReleaseReader {
  const cards = new Map<string, () => Promise<{ readonly card: Card; readonly bytes: Uint8Array }>>();

  const cardOf = ({ name, version, cardSha256 }: ResolvedModel) => {
    const key = releaseKey(name, version, CARD_FILE);
    const reading =
      cards.get(key) ??
      once(async () => {
        const bytes = await readObject(bucket, key);
        return { card: await parseCard(bytes, cardSha256), bytes };
      }, keepAlive);
    cards.delete(key);
    cards.set(key, reading);
    if (cards.size > MAX_CARDS) cards.delete(cards.keys().next().value!);
    return reading();
  };

  return {
    file: async (model, name) => {
      const { card, bytes } = await cardOf(model);
      if (name === CARD_FILE) {
        return { name, byteLength: bytes.byteLength, sha256: model.cardSha256, read: async () => bytes };
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
        read: async () => {
          const body = await readObject(bucket, releaseKey(model.name, model.version, name));
          await checkFile(card, name, body);
          return body;
        },
      };
    },
  };
}
