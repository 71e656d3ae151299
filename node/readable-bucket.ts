// Any of the trainer's buckets as the Worker reads R2: an object with its ETag, or only its head where that is unchanged.

import type { Bucket } from "../trainer/publish/bucket.ts";
import type { ReadableBucket } from "../worker/models/bucket-reader.ts";

export function toReadable(bucket: Bucket): ReadableBucket {
  const get = async (key: string, options?: { onlyIf?: { etagDoesNotMatch?: string } }) => {
    const found = await bucket.get(key);
    if (!found) return null;
    const { body, etag } = found;
    const head = { key, etag, size: body.byteLength };
    if (options?.onlyIf?.etagDoesNotMatch === etag) return head;
    return { ...head, body, arrayBuffer: async () => body.slice().buffer };
  };
  return { get: get as unknown as ReadableBucket["get"] };
}
