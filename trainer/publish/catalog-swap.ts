// Changes catalog.json: reads it, applies a function, and swaps it only if it has not changed meanwhile.

import { SchemaError } from "../../shared/errors.ts";
import { CATALOG_KEY, type Catalog, MAX_CATALOG_BYTES, parseCatalog } from "../../shared/release/catalog.ts";
import { stringifyJson } from "../../shared/release/release.ts";
import { PublishError } from "../errors.ts";
import type { Bucket, StoredObject } from "./bucket.ts";
import { describeChange } from "./catalog-changes.ts";

const SWAP_ATTEMPTS = 5;
/** Space that publishing leaves in a catalog, so that models can still be rolled back or withdrawn. */
const RESERVED_BYTES = 64 << 10;

export interface UpdateOptions {
  /** Print what would be done, and do nothing. */
  readonly dryRun?: boolean;
  readonly log?: (line: string) => void;
}

export interface SwapOptions extends UpdateOptions {
  /** What must be done before the swap, with a line of description for each part. */
  readonly before?: { readonly description: readonly string[]; readonly run: () => Promise<void> };
  readonly onSwapped?: (catalog: Catalog) => void;
}

/**
 * Changes the catalog by a function of its current state; repeats that if another publisher was faster.
 * @param change  gets undefined for a bucket without a catalog; returns the same object when there is nothing to do
 * @throws PublishError after five lost races, or if the result is too large for Workers; SchemaError,
 *   UnsupportedReleaseError for a catalog that cannot be read
 */
export async function updateCatalog(
  bucket: Bucket,
  change: (catalog: Catalog | undefined) => Catalog | Promise<Catalog>,
  { dryRun = false, log = () => {}, before: first, onSwapped }: SwapOptions = {},
): Promise<void> {
  const will = dryRun ? "would" : "will";
  for (let attempt = 0; attempt < SWAP_ATTEMPTS; attempt++) {
    const stored = await bucket.get(CATALOG_KEY);
    const before = stored && parseStored(bucket, stored);
    const after = await change(before);
    const body = stringifyJson({ ...after, edition: after.edition + 1 });
    const isSame = before === after;
    if (!isSame) checkSize(body, before, after);
    for (const line of first?.description ?? []) log(`${will} ${line}`);
    for (const line of isSame ? [] : describeChange(before, after)) log(`${will} ${line}`);
    if (isSame) log(`${CATALOG_KEY} is already up to date`);
    if (dryRun) return log(`nothing was changed in ${bucket.description}`);
    await first?.run();
    if (isSame) return;
    if (await bucket.swap(CATALOG_KEY, body, stored?.etag)) {
      onSwapped?.(after);
      return log(`done: swapped ${CATALOG_KEY} in ${bucket.description}`);
    }
    log("another publisher was faster; reading the catalog again");
  }
  throw new PublishError(`${CATALOG_KEY} in ${bucket.description} kept changing meanwhile; try again`);
}

/**
 * Changes a catalog that must exist.
 * @throws PublishError, and what `change` throws
 */
export async function changePublished(
  bucket: Bucket,
  change: (catalog: Catalog) => Catalog,
  options: UpdateOptions,
): Promise<void> {
  await updateCatalog(
    bucket,
    (catalog) => {
      if (!catalog) throw nothingPublished(bucket);
      return change(catalog);
    },
    options,
  );
}

/** @throws PublishError if there is none; SchemaError, UnsupportedReleaseError */
export async function readCatalog(bucket: Bucket): Promise<Catalog> {
  const catalog = await findCatalog(bucket);
  if (!catalog) throw nothingPublished(bucket);
  return catalog;
}

/**
 * @returns undefined for a bucket without a catalog
 * @throws PublishError, SchemaError, UnsupportedReleaseError
 */
export async function findCatalog(bucket: Bucket): Promise<Catalog | undefined> {
  const stored = await bucket.get(CATALOG_KEY);
  return stored && parseStored(bucket, stored);
}

function parseStored({ description }: Bucket, { body }: StoredObject): Catalog {
  try {
    return parseCatalog(body);
  } catch (cause) {
    if (!(cause instanceof SchemaError)) throw cause;
    throw new SchemaError(
      `${description} is damaged: ${cause.message}; see "A lost catalog" in docs/operations.md`,
      { cause },
    );
  }
}

/** @throws PublishError for a catalog that is too large for Workers, or in which a release leaves no space for a rollback */
function checkSize(body: Uint8Array, before: Catalog | undefined, after: Catalog): void {
  const versionsIn = (catalog: Catalog | undefined) =>
    Object.values(catalog?.models ?? {}).reduce((sum, { history }) => sum + history.length, 0);
  const grows = versionsIn(after) > versionsIn(before);
  const limit = MAX_CATALOG_BYTES - (grows ? RESERVED_BYTES : 0);
  if (body.byteLength <= limit) return;
  throw new PublishError(
    `${CATALOG_KEY} would have ${body.byteLength} bytes, at most ${limit} are allowed because Workers read no more than ` +
      `${MAX_CATALOG_BYTES}; its history is full: publish to another bucket (bucket_name in wrangler.toml)`,
  );
}

function nothingPublished({ description }: Bucket): PublishError {
  return new PublishError(
    `nothing is published in ${description} yet: it has no ${CATALOG_KEY}; publish with "npm run release -- RUN", or, if it ` +
      'had one, see "A lost catalog" in docs/operations.md',
  );
}
