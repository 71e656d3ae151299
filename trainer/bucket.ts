// The two places that releases are published to: the local bucket of `wrangler dev`, and a real R2 bucket over its
// S3 API. Both create only what is missing, and swap only what has not changed.
// https://developers.cloudflare.com/r2/api/s3/api/ (conditional PutObject)

import type { R2Bucket } from "@cloudflare/workers-types";
import { AwsClient } from "aws4fetch";
import { getPlatformProxy, unstable_readConfig } from "wrangler";
import { PublishError, UsageError } from "./errors.ts";

export interface Bucket {
  /** For messages, such as `the local bucket "edge-digits"`. */
  readonly description: string;
  readonly get: (key: string) => Promise<StoredObject | undefined>;
  /** Puts an object that must not exist yet; false when it does. */
  readonly create: (key: string, body: Uint8Array) => Promise<boolean>;
  /** Puts an object in place of the one with this ETag (undefined: where there is none); false when it changed. */
  readonly swap: (key: string, body: Uint8Array, etag: string | undefined) => Promise<boolean>;
  readonly close: () => Promise<void>;
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
    close: () => proxy.dispose(),
  };
}

/** What the S3 API asks for. */
export interface S3Access {
  /** Such as https://<account>.r2.cloudflarestorage.com */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A real bucket. Transient failures are retried by aws4fetch; a conditional put is safe to repeat. */
export function openS3Bucket({ endpoint, bucket, accessKeyId, secretAccessKey }: S3Access): Bucket {
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "auto", retries: 4 });
  const url = (key: string) => `${endpoint.replace(/\/$/, "")}/${bucket}/${key}`;
  const put = async (key: string, body: Uint8Array, condition: Record<string, string>) => {
    const response = await client.fetch(url(key), {
      method: "PUT",
      body: body as Uint8Array<ArrayBuffer>,
      headers: { "content-type": contentTypeOf(key), ...condition },
    });
    if (response.status === 412) return false;
    if (!response.ok) throw await failure("PUT", key, response);
    return true;
  };
  const failure = async (method: string, key: string, response: Response) =>
    new PublishError(
      `${method} ${url(key)} answered ${response.status}: ${(await response.text()).slice(0, 300)}`,
    );
  return {
    description: `the bucket "${bucket}" at ${endpoint}`,
    get: async (key) => {
      const response = await client.fetch(url(key));
      if (response.status === 404) return undefined;
      const etag = response.headers.get("etag");
      if (!response.ok || !etag) throw await failure("GET", key, response);
      return { body: new Uint8Array(await response.arrayBuffer()), etag };
    },
    create: (key, body) => put(key, body, { "if-none-match": "*" }),
    swap: (key, body, etag) =>
      put(key, body, etag === undefined ? { "if-none-match": "*" } : { "if-match": etag }),
    close: async () => {},
  };
}

/**
 * Access to the real bucket from the environment.
 * @throws UsageError naming what is missing and where to get it
 */
export function s3AccessFromEnvironment(env: NodeJS.ProcessEnv, configPath = "wrangler.toml"): S3Access {
  const { R2_ENDPOINT, CLOUDFLARE_ACCOUNT_ID, R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY } = env;
  const endpoint =
    R2_ENDPOINT ?? (CLOUDFLARE_ACCOUNT_ID && `https://${CLOUDFLARE_ACCOUNT_ID}.r2.cloudflarestorage.com`);
  const required = {
    "CLOUDFLARE_ACCOUNT_ID (or R2_ENDPOINT)": endpoint,
    R2_ACCESS_KEY_ID,
    R2_SECRET_ACCESS_KEY,
  };
  const missing = Object.entries(required).flatMap(([name, value]) => (value ? [] : [name]));
  if (!endpoint || !R2_ACCESS_KEY_ID || !R2_SECRET_ACCESS_KEY) {
    throw new UsageError(
      `--remote needs the environment variables ${missing.join(", ")}; make an R2 API token with ` +
        '"Object Read & Write" in the Cloudflare dashboard under R2, "Manage API tokens"',
    );
  }
  return {
    endpoint,
    bucket: bucketName(configPath),
    accessKeyId: R2_ACCESS_KEY_ID,
    secretAccessKey: R2_SECRET_ACCESS_KEY,
  };
}

/** The bucket that wrangler.toml binds as MODELS. */
export function bucketName(configPath = "wrangler.toml"): string {
  const config = unstable_readConfig({ config: configPath }, { hideWarnings: true });
  const name = config.r2_buckets.find(({ binding }: { binding: string }) => binding === BINDING)?.bucket_name;
  if (!name) throw new UsageError(`${configPath} binds no R2 bucket as ${BINDING}`);
  return name;
}

function contentTypeOf(key: string): string {
  return CONTENT_TYPES[key.slice(key.lastIndexOf(".") + 1)] ?? "application/octet-stream";
}
