// The options that choose the bucket that a command works on, the same for every command.

import * as v from "valibot";
import type { Catalog } from "../../shared/release/catalog.ts";
import { ModelNameSchema, VersionSchema } from "../../shared/release/release.ts";
import { UsageError } from "../errors.ts";
import { flag, option } from "../options.ts";
import type { Bucket } from "../publish/bucket.ts";
import type { VersionReference } from "../publish/catalog-changes.ts";
import { changePublished } from "../publish/catalog-swap.ts";
import { isAddress, openFolderBucket } from "../publish/folder-bucket.ts";
import { bucketName, openLocalBucket, openRemoteBucket } from "../publish/local-bucket.ts";
import { openS3Bucket, type S3Access } from "../publish/s3-bucket.ts";

export const bucketFields = {
  dryRun: flag("print what it would do and change nothing"),
  remote: flag(
    "work on the real bucket: by wrangler's login, or over its S3 API with keys from the environment",
  ),
  persistTo: option(v.string(), "state folder of the local bucket", ".wrangler/state"),
  store: option(v.string(), "work on the folder that npm run serve has as its store instead"),
};

interface BucketOptions {
  readonly dryRun: boolean;
  readonly remote: boolean;
  readonly persistTo: string;
  readonly store?: string | undefined;
}

/**
 * Access to the bucket that the options choose: checked immediately, opened when needed.
 * @throws UsageError if --remote lacks one of the keys, or --store is no folder
 */
export function bucketFromOptions({ remote, persistTo, store }: Omit<BucketOptions, "dryRun">) {
  if (remote && store !== undefined) throw new UsageError("--remote and --store are two buckets; give one");
  if (store !== undefined && isAddress(store)) {
    throw new UsageError(
      `--store is a folder here, found ${store}; a bucket takes --remote, with R2_ENDPOINT and keys in the environment`,
    );
  }
  const openRemote = remote ? remoteBucketFromEnvironment(process.env) : undefined;
  /** Opens it while `work` runs. */
  return async <T>(work: (bucket: Bucket) => Promise<T>): Promise<T> => {
    const open = openRemote ?? (() => openLocalBucket("wrangler.toml", persistTo));
    const bucket = store === undefined ? await open() : openFolderBucket(store);
    try {
      return await work(bucket);
    } finally {
      await bucket.close();
    }
  };
}

/**
 * Changes the catalog of the bucket that the options choose.
 * @throws PublishError, UsageError, and what `change` throws
 */
export async function changeCatalog(
  options: BucketOptions,
  change: (catalog: Catalog, now: Date) => Catalog,
): Promise<void> {
  await bucketFromOptions(options)((bucket) =>
    changePublished(bucket, (catalog) => change(catalog, new Date()), {
      dryRun: options.dryRun,
      log: console.log,
    }),
  );
}

/**
 * Reads NAME or NAME@VERSION.
 * @throws UsageError
 */
export function parseVersionReference(text: string): VersionReference {
  const [name, version, ...rest] = text.split("@");
  const schema = v.strictObject({ name: ModelNameSchema, version: v.optional(VersionSchema) });
  const result = v.safeParse(schema, { name, version });
  if (result.success && rest.length === 0) return result.output;
  const why = result.issues?.[0].message ?? "one @ at most";
  throw new UsageError(`"${text}" is neither NAME nor NAME@VERSION: ${why}`);
}

/** Header values, without the spaces or line breaks that a copied secret may include. */
const KeySchema = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/, "expected a key without spaces"));

const AccessSchema = v.object({
  CLOUDFLARE_ACCOUNT_ID: v.optional(v.pipe(v.string(), v.regex(/^[\w-]+$/, "expected an account ID"))),
  R2_ENDPOINT: v.optional(
    v.pipe(
      v.string(),
      v.check(isEndpoint, "expected an address such as https://ACCOUNT.r2.cloudflarestorage.com"),
    ),
  ),
  R2_ACCESS_KEY_ID: KeySchema,
  R2_SECRET_ACCESS_KEY: KeySchema,
});

/**
 * The real bucket: over its S3 API where the environment has keys, else by wrangler's login.
 * @throws UsageError, before anything is opened
 */
export function remoteBucketFromEnvironment(env: NodeJS.ProcessEnv): () => Promise<Bucket> {
  if (!env.R2_ACCESS_KEY_ID && !env.R2_SECRET_ACCESS_KEY) return () => openRemoteBucket();
  const access = s3AccessFromEnvironment(env);
  return async () => openS3Bucket(access);
}

/**
 * Access to the real bucket from the environment.
 * @throws UsageError naming what is missing and where to get it, or which value is malformed
 */
export function s3AccessFromEnvironment(env: NodeJS.ProcessEnv, configPath = "wrangler.toml"): S3Access {
  const { R2_ENDPOINT, CLOUDFLARE_ACCOUNT_ID, R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY } = env;
  const endpoint =
    R2_ENDPOINT ?? (CLOUDFLARE_ACCOUNT_ID && `https://${CLOUDFLARE_ACCOUNT_ID}.r2.cloudflarestorage.com`);
  if (!endpoint || !R2_ACCESS_KEY_ID || !R2_SECRET_ACCESS_KEY) {
    const required = {
      "CLOUDFLARE_ACCOUNT_ID (or R2_ENDPOINT)": endpoint,
      R2_ACCESS_KEY_ID,
      R2_SECRET_ACCESS_KEY,
    };
    const missing = Object.entries(required).flatMap(([name, value]) => (value ? [] : [name]));
    throw new UsageError(
      `--remote needs the environment variables ${missing.join(", ")}; make an R2 API token with ` +
        '"Object Read & Write" in the Cloudflare dashboard under R2, "Manage API tokens"',
    );
  }
  const { issues } = v.safeParse(AccessSchema, env);
  if (issues) {
    // Without the value, which may be a secret.
    const [issue] = issues;
    throw new UsageError(`the environment variable ${v.getDotPath(issue)} is malformed: ${issue.message}`);
  }
  return {
    endpoint,
    bucket: bucketName(configPath),
    accessKeyId: R2_ACCESS_KEY_ID,
    secretAccessKey: R2_SECRET_ACCESS_KEY,
  };
}

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "";
}
