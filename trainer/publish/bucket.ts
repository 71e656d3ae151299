// The interface of buckets that releases are published to. local-bucket.ts is that of `wrangler dev`, s3-bucket.ts a real
// one. Both create only missing objects, and replace only unchanged ones.

const CONTENT_TYPES: Record<string, string> = { json: "application/json", png: "image/png" };

export interface Bucket {
  /** For messages, such as `the local bucket "edge-digits"`. */
  readonly description: string;
  readonly get: (key: string) => Promise<StoredObject | undefined>;
  /** Part of an object, without reading all of it, for buckets that can. */
  readonly slice?: (key: string, offset: number, length: number) => Promise<ReadableStream | undefined>;
  /** Creates an object; false if it exists already. */
  readonly create: (key: string, body: Uint8Array) => Promise<boolean>;
  /** Replaces the object with this ETag (undefined: creates it); false if it has changed. */
  readonly swap: (key: string, body: Uint8Array, etag: string | undefined) => Promise<boolean>;
  /** All objects whose keys have the prefix. */
  readonly list: (prefix: string) => Promise<readonly ListedObject[]>;
  /** Deletes an object, if it exists. */
  readonly delete: (key: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly uploadedAt: Date;
}

export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
}

/** The media type of an object. */
export function contentTypeOf(key: string): string {
  return CONTENT_TYPES[key.slice(key.lastIndexOf(".") + 1)] ?? "application/octet-stream";
}
