// Published data sets in the bucket: cards by their names, files by their digests. A request can name nothing else.

import * as v from "valibot";
import { parseSetCard, setCardKey, setFileKey } from "../../shared/dataset/card.ts";
import { MissingObjectError } from "../../shared/errors.ts";
import { ModelNameSchema, sha256 } from "../../shared/release/release.ts";
import { UnknownDatasetError } from "../api/problems.ts";
import type { ByteRange } from "../api/range.ts";
import { inTime, MAX_JSON_BYTES, readBytes, withRetries } from "./bucket-reader.ts";
import type { ModelSource } from "./model-cache.ts";

export function createDatasetReader({ bucket, timing }: Pick<ModelSource, "bucket" | "timing">) {
  return {
    /** @throws UnknownDatasetError, BucketError, OversizedError, SchemaError, UnsupportedReleaseError */
    card: async (name: string) => {
      const key = setCardKey(name);
      const isName = v.is(ModelNameSchema, name);
      const found =
        isName && (await withRetries(timing, () => readBytes(bucket, key, MAX_JSON_BYTES, timing)));
      if (!found || found === "unchanged") {
        throw new UnknownDatasetError(
          `no data set "${name}" was published; with count a set is drawn, as in ?count=20`,
        );
      }
      return { card: parseSetCard(found.bytes), bytes: found.bytes, sha256: await sha256(found.bytes) };
    },
    /** Part of a file that a card lists, as it arrives. @throws MissingObjectError, BucketError */
    read: async (fileSha256: string, range: ByteRange): Promise<ReadableStream<Uint8Array>> => {
      const key = setFileKey(fileSha256);
      const object = await inTime(key, timing, () => bucket.get(key, { range }));
      if (!object) throw new MissingObjectError(`the bucket has no object ${key}`);
      return (object as unknown as { readonly body: ReadableStream<Uint8Array> }).body;
    },
  };
}
