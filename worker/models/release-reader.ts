// The files of a release, verified before they are served, because they are cached for a year.
// A request can name nothing else, because only files that the card lists are looked up.

import { memoize } from "../../shared/memoize.ts";
import { CARD_FILE, type Card, checkFile, releaseKey } from "../../shared/release/release.ts";
import { UnknownFileError } from "../api/problems.ts";
import { createGate } from "../gate.ts";
import { MAX_BINARY_BYTES, readRequired, tooManyLoads, withRetries } from "./bucket-reader.ts";
import type { ModelSource } from "./model-cache.ts";
import { checkCard, pinnedName, type ResolvedModel } from "./reference.ts";

/** Bytes of files that are read concurrently. */
const MAX_BYTES_READING = 4 * MAX_BINARY_BYTES;

interface FileRequest {
  readonly model: ResolvedModel;
  readonly card: Card;
  readonly name: string;
}

export function createReleaseReader({ bucket, readCard, timing, now, keepAlive, faults }: ModelSource) {
  const gate = createGate({ most: MAX_BYTES_READING, refuse: tooManyLoads("files"), now });
  const read = ({ model, card, name }: FileRequest): Promise<Uint8Array<ArrayBuffer>> => {
    const key = releaseKey(model.name, model.version, name);
    // Damaged bytes may be intact at the next try.
    return withRetries(timing, () =>
      gate(card.files[name]!.bytes, async () => {
        const { bytes } = await readRequired(bucket, key, MAX_BINARY_BYTES, timing);
        await checkFile(card, name, bytes);
        return bytes;
      }),
    );
  };
  const readShared = memoize(
    (file: FileRequest) => faults.watch(`${pinnedName(file.model)} ${file.name}`, () => read(file)),
    { keyOf: ({ model, name }) => `${pinnedName(model)} ${name}`, keeps: 0, now, keepAlive },
  );

  return {
    /** @throws UnknownFileError; MissingObjectError, DigestError, SchemaError, UnsupportedReleaseError, BucketError */
    file: async (model: ResolvedModel, name: string) => {
      const stored = await faults.watch(`${pinnedName(model)} ${CARD_FILE}`, async () => {
        const found = await withRetries(timing, () => readCard(model));
        checkCard(model, found.sha256);
        return found;
      });
      const { card, bytes, sha256 } = stored;
      if (name === CARD_FILE) {
        return { name, byteLength: bytes.byteLength, sha256, read: async () => bytes };
      }
      const listed = Object.hasOwn(card.files, name) ? card.files[name] : undefined;
      if (!listed) {
        const known = [CARD_FILE, ...Object.keys(card.files)].join(", ");
        throw new UnknownFileError(`${pinnedName(model)} has no file "${name}"; its files are ${known}`);
      }
      const { bytes: byteLength, sha256: fileSha256 } = listed;
      return { name, byteLength, sha256: fileSha256, read: () => readShared({ model, card, name }) };
    },
  };
}
