// Publishes release folders to a bucket: first their immutable objects, each created once and read back, the card last;
// then the catalog, swapped only if it is unchanged since it was read. If interrupted at any point, nothing that is served
// has changed, and it can be run again.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, posix, relative } from "node:path";
import { DigestError } from "../../shared/errors.ts";
import { CATALOG_KEY, type Catalog } from "../../shared/release/catalog.ts";
import {
  CARD_FILE,
  type Card,
  checkFile,
  parseCard,
  releaseKey,
  sha256,
  versionOf,
} from "../../shared/release/release.ts";
import { PublishError, UsageError } from "../errors.ts";
import type { Bucket } from "./bucket.ts";
import { type Publication, publish } from "./catalog-changes.ts";
import { findCatalog, type UpdateOptions, updateCatalog } from "./catalog-swap.ts";

/** In models/: the name of the bundled model that is the default of a new catalog. */
export const DEFAULT_FILE = "default.txt";
/** In models/<name>/: why its release was bundled with --force, if it was. */
export const FORCED_FILE = "forced.txt";

export interface PublishOptions extends UpdateOptions, Pick<Publication, "promote" | "makeDefault" | "run"> {
  readonly now: Date;
  /**
   * Compares with the catalog to be replaced, each time it is read.
   * @returns the reason for publishing it anyway, if it is worse
   */
  readonly judge?: (catalog: Catalog | undefined) => Promise<string | undefined>;
}

/**
 * Publishes a release folder.
 * @throws DigestError and SchemaError if the folder is damaged, PublishError if the bucket or the catalog refuses it,
 *   WithdrawnError, and what `judge` throws
 */
export async function publishRelease(bucket: Bucket, folder: string, options: PublishOptions): Promise<void> {
  const release = await readReleaseFolder(folder);
  const { now, promote, makeDefault, run, judge } = options;
  await putAndSwap(bucket, [release], options, async (catalog) => {
    const forced = await judge?.(catalog);
    return publish(catalog, { ...publicationOf(release), promote, makeDefault, run, forced }, now);
  });
}

/**
 * Publishes every release below a folder that the catalog does not list yet, all with one swap. Models that the catalog
 * already has keep their stable version, and the catalog its default model; a new catalog's is the one in default.txt.
 */
export async function publishMissing(
  bucket: Bucket,
  root: string,
  options: Pick<PublishOptions, "now" | "log">,
): Promise<void> {
  const models = Object.values((await findCatalog(bucket))?.models ?? {});
  const known = new Set(models.flatMap(({ history }) => history.map(({ version }) => version)));
  const folders = (await listReleaseFolders(root)).filter((folder) => !known.has(basename(folder)));
  if (folders.length === 0) return;
  const releases = await Promise.all(
    folders.map(async (folder) => ({
      ...(await readReleaseFolder(folder)),
      forced: await readNote(join(dirname(folder), FORCED_FILE)),
    })),
  );
  const preferred = await readNote(join(root, DEFAULT_FILE));
  await putAndSwap(bucket, releases, options, (catalog) => {
    const withAll = releases.reduce<Catalog | undefined>((next, { forced, ...release }) => {
      const makeDefault = !catalog && release.card.name === preferred;
      const publication = { ...publicationOf(release), promote: "when-new", makeDefault, forced } as const;
      return publish(next, publication, options.now);
    }, catalog);
    return withAll!;
  });
}

type ReleaseFolder = Awaited<ReturnType<typeof readReleaseFolder>>;

function publicationOf({ card, cardSha256 }: ReleaseFolder) {
  return { name: card.name, version: versionOf(cardSha256), sha256: cardSha256 };
}

/** Puts all objects of releases, then changes the catalog. */
async function putAndSwap(
  bucket: Bucket,
  releases: readonly ReleaseFolder[],
  options: UpdateOptions,
  change: (catalog: Catalog | undefined) => Catalog | Promise<Catalog>,
): Promise<void> {
  const objects = releases.map(({ card, cardBytes, cardSha256, files }) => {
    const keyOf = (file: string) => releaseKey(card.name, versionOf(cardSha256), file);
    return [...files, [CARD_FILE, cardBytes] as const].map(([file, body]) => ({ key: keyOf(file), body }));
  });
  const own = new Set(objects.flatMap((release) => release.map(({ key }) => key)));
  const changeKnown = async (catalog: Catalog | undefined) => {
    if (!catalog) await checkForLost(bucket, own);
    return change(catalog);
  };
  await updateCatalog(bucket, changeKnown, {
    ...options,
    before: {
      description: objects.map((release) => {
        const bytes = release.reduce((sum, { body }) => sum + body.byteLength, 0);
        return `put ${release.length} objects (${bytes} bytes) under ${posix.dirname(release[0]!.key)}/`;
      }),
      // Done after the catalog was read, so that a prune in between makes the swap fail and this run again.
      run: async () => {
        for (const { key, body } of objects.flat()) await createObject(bucket, key, body);
      },
    },
  });
}

/**
 * A new catalog would make releases unknown that a lost one had listed.
 * @param own  keys of what is being published
 * @throws PublishError
 */
async function checkForLost(bucket: Bucket, own: ReadonlySet<string>): Promise<void> {
  const found = (await bucket.list("models/")).find(
    ({ key }) => posix.basename(key) === CARD_FILE && !own.has(key),
  );
  if (!found) return;
  throw new PublishError(
    `${bucket.description} has releases, such as ${posix.dirname(found.key)}, and no ${CATALOG_KEY}, without which they ` +
      `would be lost; restore it (docs/operations.md, "A lost catalog"). If there never was one, another command may be ` +
      `about to write it: try again, or delete ${found.key}`,
  );
}

/** The text of a small file; undefined if it does not exist. */
async function readNote(path: string): Promise<string | undefined> {
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

/** Folders of all releases below a folder, as `<root>/<name>/<version>`, with the separators of the system. */
export async function listReleaseFolders(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter(({ name, parentPath }) => name === CARD_FILE && relative(root, parentPath) !== "")
    .map(({ parentPath }) => parentPath)
    .sort();
}

/**
 * The bundled release that is the default of new catalogs.
 * @param model  another bundled model's name
 * @throws UsageError if it is not there; what `readReleaseFolder` throws
 */
export async function readDefaultRelease(models = "models", model?: string) {
  const name = model ?? (await readNote(join(models, DEFAULT_FILE)));
  const folder = (await listReleaseFolders(models)).find((path) => basename(dirname(path)) === name);
  if (!folder) throw new UsageError(`${models}/ has no release of the default model ${name}`);
  return readReleaseFolder(folder);
}

/** Always reads the object back, to be certain that it is there. */
export async function createObject(bucket: Bucket, key: string, body: Uint8Array): Promise<void> {
  const isCreated = await bucket.create(key, body);
  const stored = await bucket.get(key);
  if (stored && (await sha256(stored.body)) === (await sha256(body))) return;
  // The key contains the version, so an object from an earlier publish of the same release must be identical.
  throw new DigestError(
    isCreated
      ? `${key} did not arrive whole in ${bucket.description}; run "npm run prune", then try again`
      : `${key} is already in ${bucket.description} with other content; it was not touched`,
  );
}
