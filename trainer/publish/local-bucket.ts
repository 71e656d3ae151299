// The bucket that `wrangler dev` serves from, the real one by a remote binding, and their name in wrangler.toml.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { R2Bucket, R2Conditional } from "@cloudflare/workers-types";
import { type GetPlatformProxyOptions, getPlatformProxy, unstable_readConfig } from "wrangler";
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
  return openBoundBucket(description, `${description} in ${persistTo}`, {
    configPath,
    persist: { path: `${persistTo}/v3` },
  });
}

/**
 * The real bucket, by a remote binding: authorised by `npx wrangler login`, without keys.
 * https://developers.cloudflare.com/workers/development-testing/#remote-bindings
 * @throws PublishError; so do its functions
 */
export async function openRemoteBucket(configPath = "wrangler.toml"): Promise<Bucket> {
  const name = bucketName(configPath);
  const description = `the bucket "${name}"`;
  const folder = await mkdtemp(join(tmpdir(), "edge-digits-"));
  const path = join(folder, "wrangler.json");
  await writeFile(path, JSON.stringify(remoteConfig(name)));
  try {
    return await openBoundBucket(description, `${description}, after "npx wrangler login"`, {
      configPath: path,
      persist: false,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Of a Worker that has nothing but the real bucket. */
function remoteConfig(bucketName: string) {
  return {
    name: "edge-digits-publish",
    compatibility_date: "2026-10-01",
    r2_buckets: [{ binding: BINDING, bucket_name: bucketName, remote: true }],
  };
}

/** @param where  for messages of failures */
async function openBoundBucket(
  description: string,
  where: string,
  options: GetPlatformProxyOptions,
): Promise<Bucket> {
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw new PublishError(`${where}: cannot ${what}: ${reasonOf(cause)}`, { cause });
    }
  };
  const proxy = await attempt("open it", () =>
    guardChildren(() => getPlatformProxy<Record<string, unknown>>(options)),
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
