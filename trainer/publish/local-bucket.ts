// The bucket that `wrangler dev` serves from, and its name in wrangler.toml.

import type { R2Bucket, R2Conditional } from "@cloudflare/workers-types";
import { getPlatformProxy, unstable_readConfig } from "wrangler";
import { PublishError, reasonOf, UsageError } from "../errors.ts";
import { type Bucket, contentTypeOf, type ListedObject } from "./bucket.ts";
import { guardChildren } from "./orphans.ts";

const BINDING = "MODELS";

/**
 * The bucket that `wrangler dev` serves from.
 * @param configPath  wrangler.toml
 * @param persistTo  wrangler's state folder, as `wrangler dev --persist-to` takes it
 * @throws PublishError; so do its functions
 */
export async function openLocalBucket(
  configPath = "wrangler.toml",
  persistTo = ".wrangler/state",
): Promise<Bucket> {
  const description = `the local bucket "${bucketName(configPath)}"`;
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw new PublishError(`${description} in ${persistTo}: cannot ${what}: ${reasonOf(cause)}`, { cause });
    }
  };
  const proxy = await attempt("open it", () =>
    guardChildren(() =>
      getPlatformProxy<Record<string, unknown>>({ configPath, persist: { path: `${persistTo}/v3` } }),
    ),
  );
  const bucket = proxy.env[BINDING] as R2Bucket;
  const put = (key: string, body: Uint8Array, onlyIf: R2Conditional) =>
    attempt(`write ${key}`, async () => {
      const httpMetadata = { contentType: contentTypeOf(key) };
      return (await bucket.put(key, body, { onlyIf, httpMetadata })) !== null;
    });
  return {
    description,
    get: (key) =>
      attempt(`read ${key}`, async () => {
        const object = await bucket.get(key);
        return object ? { body: new Uint8Array(await object.arrayBuffer()), etag: object.etag } : undefined;
      }),
    create: (key, body) => put(key, body, { etagDoesNotMatch: "*" }),
    swap: (key, body, etag) =>
      put(key, body, etag === undefined ? { etagDoesNotMatch: "*" } : { etagMatches: etag }),
    list: (prefix) =>
      attempt(`list ${prefix}`, async () => {
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
      }),
    delete: (key) => attempt(`delete ${key}`, () => bucket.delete(key)),
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
