// Where releases are published to. This is the local bucket of `wrangler dev`; s3-bucket.ts is a real one. Both create
// only what is missing, and swap only what has not changed.

import type { R2Bucket } from "@cloudflare/workers-types";
import { getPlatformProxy, unstable_readConfig } from "wrangler";
import { UsageError } from "./errors.ts";

export interface Bucket {
  /** For messages, such as `the local bucket "edge-digits"`. */
  readonly description: string;
  readonly get: (key: string) => Promise<StoredObject | undefined>;
  /** Puts an object that must not exist yet; false when it does. */
  readonly create: (key: string, body: Uint8Array) => Promise<boolean>;
  /** Puts an object in place of the one with this ETag (undefined: where there is none); false when it changed. */
  readonly swap: (key: string, body: Uint8Array, etag: string | undefined) => Promise<boolean>;
  /** All objects whose keys begin so. */
  readonly list: (prefix: string) => Promise<readonly ListedObject[]>;
  /** Deletes an object, whether it is there or not. */
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

const BINDING = "MODELS";
const CONTENT_TYPES: Record<string, string> = { json: "application/json", png: "image/png" };

/**
 * The bucket that `wrangler dev` serves from.
 * @param configPath  wrangler.toml
 * @param persistTo  wrangler's state folder, as `wrangler dev --persist-to` takes it
 */
export async function openLocalBucket(
  configPath = "wrangler.toml",
  persistTo = ".wrangler/state",
): Promise<Bucket> {
  const proxy = await getPlatformProxy<Record<string, unknown>>({
    configPath,
    persist: { path: `${persistTo}/v3` },
  });
  const bucket = proxy.env[BINDING] as R2Bucket;
  const httpMetadata = (key: string) => ({ contentType: contentTypeOf(key) });
  return {
    description: `the local bucket "${bucketName(configPath)}"`,
    get: async (key) => {
      const object = await bucket.get(key);
      return object ? { body: new Uint8Array(await object.arrayBuffer()), etag: object.etag } : undefined;
    },
    create: async (key, body) =>
      (await bucket.put(key, body, {
        onlyIf: { etagDoesNotMatch: "*" },
        httpMetadata: httpMetadata(key),
      })) !== null,
    swap: async (key, body, etag) => {
      const onlyIf = etag === undefined ? { etagDoesNotMatch: "*" } : { etagMatches: etag };
      return (await bucket.put(key, body, { onlyIf, httpMetadata: httpMetadata(key) })) !== null;
    },
    list: async (prefix) => {
      const found: ListedObject[] = [];
      let cursor: string | undefined;
      do {
        const page = await bucket.list({ prefix, ...(cursor && { cursor }) });
        found.push(
          ...page.objects.map(({ key, size, uploaded }) => ({ key, bytes: size, uploadedAt: uploaded })),
        );
        cursor = page.truncated ? page.cursor : undefined;
      } while (cursor);
      return found;
    },
    delete: (key) => bucket.delete(key),
    close: () => proxy.dispose(),
  };
}

/** The bucket that wrangler.toml binds as MODELS. */
export function bucketName(configPath = "wrangler.toml"): string {
  const config = unstable_readConfig({ config: configPath }, { hideWarnings: true });
  const name = config.r2_buckets.find(({ binding }: { binding: string }) => binding === BINDING)?.bucket_name;
  if (!name) throw new UsageError(`${configPath} binds no R2 bucket as ${BINDING}`);
  return name;
}

/** What an object is served as. */
export function contentTypeOf(key: string): string {
  return CONTENT_TYPES[key.slice(key.lastIndexOf(".") + 1)] ?? "application/octet-stream";
}
