// A release folder into a bucket: first its immutable objects, each created once and read back, the card last among
// them; then the catalog, swapped only if nobody else changed it since it was read. Interrupted anywhere it has changed
// nothing that is served, and it can be run again.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CATALOG_KEY, type Catalog, parseCatalog } from "../shared/catalog.ts";
import { DigestError } from "../shared/errors.ts";
import {
  CARD_FILE,
  type Card,
  checkFile,
  parseCard,
  releaseKey,
  sha256,
  stringifyJson,
  versionOf,
} from "../shared/release.ts";
import type { Bucket } from "./bucket.ts";
import { describeChange, type Publication, publish } from "./catalog-changes.ts";
import { PublishError } from "./errors.ts";

/** Beside the bundled models' folders: the name of the one that a new catalog's requests get when they name none. */
export const DEFAULT_FILE = "default.txt";
/** How often a swap is tried again after another publisher's. */
const SWAP_ATTEMPTS = 5;

export interface UpdateOptions {
  /** Say what would be done, and do nothing. */
  readonly dryRun?: boolean;
  readonly log?: (line: string) => void;
}

export interface SwapOptions extends UpdateOptions {
  /** What must be in place before the swap, and how it is told. */
  readonly first?: { readonly says: string; readonly does: () => Promise<void> };
  /** Told the catalog that was put in place. */
  readonly done?: (catalog: Catalog) => void;
}

export interface PublishOptions
  extends UpdateOptions,
    Pick<Publication, "promote" | "makeDefault" | "run" | "forced"> {
  readonly now: Date;
}

/**
 * Publishes a release folder.
 * @throws DigestError and SchemaError when the folder is damaged, PublishError when the bucket or the catalog refuses,
 *   WithdrawnError
 */
export async function publishRelease(bucket: Bucket, folder: string, options: PublishOptions): Promise<void> {
  const { card, cardBytes, cardSha256, files } = await readReleaseFolder(folder);
  const version = versionOf(cardSha256);
  const objects = [...files, [CARD_FILE, cardBytes] as const];
  const bytes = objects.reduce((sum, [, body]) => sum + body.byteLength, 0);
  const { now, promote, makeDefault, run, forced } = options;
  const release = { name: card.name, version, sha256: cardSha256, promote, makeDefault, run, forced };
  await updateCatalog(bucket, (catalog) => publish(catalog, release, now), {
    ...options,
    first: {
      says: `put ${objects.length} objects (${bytes} bytes) under models/${card.name}/${version}/`,
      // After the catalog was read, so that a prune in between makes the swap fail, and this is done again.
      does: async () => {
        for (const [file, body] of objects) {
          await createObject(bucket, releaseKey(card.name, version, file), body);
        }
      },
    },
  });
}

/**
 * Publishes every release below a folder that the catalog does not name yet. A model that the catalog already has
 * keeps its stable version: nobody's own release is replaced. Nor is its default model; a new catalog's is the one
 * that the folder's default.txt names.
 */
export async function publishMissing(
  bucket: Bucket,
  root: string,
  options: Pick<PublishOptions, "now" | "log">,
): Promise<void> {
  const stored = await bucket.get(CATALOG_KEY);
  const known = new Set(
    stored && Object.values(parseCatalog(stored.body).models).flatMap((m) => m.history.map((h) => h.version)),
  );
  const preferred = stored ? undefined : await readDefault(root);
  for (const folder of await listReleaseFolders(root)) {
    if (known.has(basename(folder))) continue;
    const makeDefault = basename(dirname(folder)) === preferred;
    await publishRelease(bucket, folder, { ...options, promote: "when-new", makeDefault });
  }
}

/** Without the file the first model that is published is the default. */
async function readDefault(root: string): Promise<string | undefined> {
  const path = join(root, DEFAULT_FILE);
  return existsSync(path) ? (await readFile(path, "utf8")).trim() : undefined;
}

/**
 * Reads a release folder and checks every digest.
 * @throws DigestError, SchemaError
 */
export async function readReleaseFolder(folder: string) {
  const cardBytes = new Uint8Array(await readFile(join(folder, CARD_FILE)));
  const cardSha256 = await sha256(cardBytes);
  const card: Card = await parseCard(cardBytes, cardSha256);
  const files = new Map<string, Uint8Array>();
  for (const file of Object.keys(card.files)) {
    const body = new Uint8Array(await readFile(join(folder, file)));
    await checkFile(card, file, body);
    files.set(file, body);
  }
  return { card, cardBytes, cardSha256, files };
}

/** Folders of all releases below `models/`, as `models/<name>/<version>`. */
export async function listReleaseFolders(root: string): Promise<string[]> {
  const cards = await readdir(root, { recursive: true });
  return cards
    .filter((path) => path.endsWith(`/${CARD_FILE}`))
    .map((path) => join(root, path.slice(0, -CARD_FILE.length - 1)))
    .sort();
}

/**
 * Changes the catalog by a function of its present state, again if another publisher was faster.
 * @param change  undefined stands for a bucket without a catalog; gives back what it got when there is nothing to do
 * @throws PublishError after five lost races; SchemaError, UnsupportedReleaseError for a catalog that cannot be read
 */
export async function updateCatalog(
  bucket: Bucket,
  change: (catalog: Catalog | undefined) => Catalog,
  { dryRun = false, log = () => {}, first, done }: SwapOptions = {},
): Promise<void> {
  const will = dryRun ? "would" : "will";
  for (let attempt = 0; attempt < SWAP_ATTEMPTS; attempt++) {
    const stored = await bucket.get(CATALOG_KEY);
    const before = stored && parseCatalog(stored.body);
    const after = change(before);
    if (first) log(`${will} ${first.says}`);
    for (const line of before === after ? [] : describeChange(before, after)) log(`${will} ${line}`);
    if (before === after) log(`${CATALOG_KEY} says so already`);
    if (dryRun) return log(`nothing was changed in ${bucket.description}`);
    await first?.does();
    if (before === after) return;
    const next = { ...after, edition: after.edition + 1 };
    if (await bucket.swap(CATALOG_KEY, stringifyJson(next), stored?.etag)) {
      done?.(after);
      return log(`done: ${CATALOG_KEY} of ${bucket.description} is swapped`);
    }
    log("another publisher was faster; looking at the catalog again");
  }
  throw new PublishError(`${CATALOG_KEY} in ${bucket.description} kept changing meanwhile; try again`);
}

/**
 * Changes a catalog that must be there.
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

/** @throws PublishError where there is none; SchemaError, UnsupportedReleaseError */
export async function readCatalog(bucket: Bucket): Promise<Catalog> {
  const stored = await bucket.get(CATALOG_KEY);
  if (!stored) throw nothingPublished(bucket);
  return parseCatalog(stored.body);
}

function nothingPublished({ description }: Bucket): PublishError {
  return new PublishError(`nothing is published in ${description} yet; "npm run release -- RUN" does`);
}

/** Reads the object back in any case: what is promised to be there is there. */
async function createObject(bucket: Bucket, key: string, body: Uint8Array): Promise<void> {
  const isCreated = await bucket.create(key, body);
  const stored = await bucket.get(key);
  if (stored && (await sha256(stored.body)) === (await sha256(body))) return;
  // Its key names its content, so what an earlier publish of the same release left must be the same.
  throw new DigestError(
    isCreated
      ? `${key} did not arrive whole in ${bucket.description}; run "npm run prune", then again`
      : `${key} is already in ${bucket.description} with other content; it was not touched`,
  );
}
