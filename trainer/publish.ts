// A release folder into a bucket: first its immutable objects, each created once, the card last among them; then the
// catalog, swapped only if nobody else changed it. A publish that dies half-way has changed nothing that is served.

import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { DigestError } from "../shared/errors.ts";
import {
  CARD_FILE,
  CATALOG_KEY,
  CATALOG_SCHEMA,
  type Card,
  type Catalog,
  checkFile,
  parseCard,
  parseCatalog,
  releaseKey,
  sha256,
  stringifyJson,
  versionOf,
} from "../shared/release.ts";
import type { Bucket } from "./bucket.ts";
import { PublishError } from "./errors.ts";

/** How often a swap is tried again after another publisher's. */
const SWAP_ATTEMPTS = 5;

export interface PublishOptions {
  /** "always" makes it the stable version; "when-new" only of a model that the catalog does not have yet. */
  readonly promote: "always" | "when-new";
  /** Also make it the default model. The first model of a catalog always is. */
  readonly makeDefault?: boolean;
  readonly now: Date;
  readonly log?: (line: string) => void;
}

/**
 * Publishes a release folder.
 * @throws DigestError and SchemaError when the folder is damaged, PublishError when the bucket refuses
 */
export async function publishRelease(bucket: Bucket, folder: string, options: PublishOptions): Promise<void> {
  const { card, cardBytes, cardSha256, files } = await readReleaseFolder(folder);
  const version = versionOf(cardSha256);
  const objects = [...files, [CARD_FILE, cardBytes] as const];
  for (const [file, body] of objects) await createObject(bucket, releaseKey(card.name, version, file), body);
  options.log?.(`${card.name}@${version}: ${objects.length} objects in ${bucket.description}`);
  await updateCatalog(bucket, (catalog) => withRelease(catalog, card.name, version, cardSha256, options));
  options.log?.(`${CATALOG_KEY} names ${card.name}@${version}`);
}

/**
 * Publishes every release below a folder that the catalog does not name yet. A model that the catalog already has
 * keeps its stable version: nobody's own release is replaced.
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
  for (const folder of await listReleaseFolders(root)) {
    if (!known.has(basename(folder)))
      await publishRelease(bucket, folder, { ...options, promote: "when-new" });
  }
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
 * @param change  undefined stands for a bucket without a catalog
 * @throws PublishError after five lost races
 */
export async function updateCatalog(
  bucket: Bucket,
  change: (catalog: Catalog | undefined) => Catalog,
): Promise<void> {
  for (let attempt = 0; attempt < SWAP_ATTEMPTS; attempt++) {
    const stored = await bucket.get(CATALOG_KEY);
    const catalog = change(stored && parseCatalog(stored.body));
    if (await bucket.swap(CATALOG_KEY, stringifyJson(catalog), stored?.etag)) return;
  }
  throw new PublishError(`${CATALOG_KEY} in ${bucket.description} kept changing meanwhile; try again`);
}

async function createObject(bucket: Bucket, key: string, body: Uint8Array): Promise<void> {
  if (await bucket.create(key, body)) return;
  // Left by an earlier publish of the same release; its key names its content, so it must be the same.
  const stored = await bucket.get(key);
  if (!stored || (await sha256(stored.body)) !== (await sha256(body))) {
    throw new DigestError(
      `${key} is already in ${bucket.description} with other content; it was not touched`,
    );
  }
}

function withRelease(
  catalog: Catalog | undefined,
  name: string,
  version: string,
  cardSha256: string,
  { promote, makeDefault, now }: PublishOptions,
): Catalog {
  const present = catalog ?? { schema: CATALOG_SCHEMA, default: name, models: {} };
  const entry = present.models[name];
  const past = entry?.history ?? [];
  const isKnown = past.some((item) => item.version === version);
  const history = isKnown ? past : [...past, { version, sha256: cardSha256, publishedAt: now.toISOString() }];
  const stable = entry && promote === "when-new" ? entry.stable : version;
  return {
    ...present,
    default: makeDefault ? name : present.default,
    models: { ...present.models, [name]: { stable, canary: entry?.canary ?? null, history } },
  };
}
