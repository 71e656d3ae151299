// Any of the trainer's buckets as the Worker reads R2: an object with its ETag, or only its head where that is unchanged.

import type { Bucket } from "../trainer/publish/bucket.ts";
import type { ReadableBucket } from "../worker/models/bucket-reader.ts";

interface GetOptions {
  readonly onlyIf?: { readonly etagDoesNotMatch?: string };
  readonly range?: { readonly offset: number; readonly length: number };
}

export function toReadable(bucket: Bucket): ReadableBucket {
  const slice = async (key: string, offset: number, length: number) => {
    if (bucket.slice) return bucket.slice(key, offset, length);
    return (await bucket.get(key))?.body.subarray(offset, offset + length);
  };
  const get = async (key: string, options?: GetOptions) => {
    if (options?.range) {
      const body = await slice(key, options.range.offset, options.range.length);
      return body ? { key, body } : null;
    }
    const found = await bucket.get(key);
    if (!found) return null;
    const { body, etag } = found;
    const head = { key, etag, size: body.byteLength };
    if (options?.onlyIf?.etagDoesNotMatch === etag) return head;
    return { ...head, body, arrayBuffer: async () => body.slice().buffer };
  };
  return { get: get as unknown as ReadableBucket["get"] };
}
