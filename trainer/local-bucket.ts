// The bucket that `wrangler dev` serves from, and what wrangler.toml calls it.

import type { R2Bucket } from "@cloudflare/workers-types";
import { getPlatformProxy, unstable_readConfig } from "wrangler";
import { type Bucket, contentTypeOf, type ListedObject } from "./bucket.ts";
import { UsageError } from "./errors.ts";

const BINDING = "MODELS";

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
