// catalog.json, the one object of the bucket that changes: which versions exist, which are live, and the changes
// that led there. Schema 2 reads schema 1 too, which had neither changes nor notes on a version.

import * as v from "valibot";
import { murmur3 } from "../arithmetic/random.ts";
import { parseDocument } from "../document.ts";
import { SchemaError, UnknownModelError, UnknownVersionError, WithdrawnError } from "../errors.ts";
import { ModelNameSchema, Sha256Schema, VersionSchema, versionOf } from "./release.ts";

export const CATALOG_SCHEMA = 2;
export const CATALOG_KEY = "catalog.json";
/** Larger ones are not read: a thousand releases take about 300 KB. */
export const MAX_CATALOG_BYTES = 1 << 20;
/** Changes that are kept of each model; older ones are dropped. */
export const MAX_CHANGES = 100;

const timestamp = v.pipe(v.string(), v.isoTimestamp());

/** A person's reason for a change. */
export const ReasonSchema = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(500));

/** Share of seeds that see the canary, percent. */
export const PercentSchema = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

const PublishedSchema = v.strictObject({
  version: VersionSchema,
  /** Of card.json. */
  sha256: Sha256Schema,
  publishedAt: timestamp,
  /** Folder of the run that it was made from, as its publisher named it. */
  run: v.optional(v.string()),
  /** Why it was published although it is worse than the live version. */
  forced: v.optional(ReasonSchema),
  /** It is no longer served, and never will be again. */
  withdrawn: v.optional(v.strictObject({ at: timestamp, reason: ReasonSchema })),
});

const ChangeSchema = v.variant("change", [
  /** It became the stable version, in place of `from`. */
  v.strictObject({
    change: v.literal("promoted"),
    at: timestamp,
    version: VersionSchema,
    from: v.optional(VersionSchema),
  }),
  /** A share of seeds began to see it. */
  v.strictObject({
    change: v.literal("canary"),
    at: timestamp,
    version: VersionSchema,
    percent: PercentSchema,
  }),
  /** It became the stable version again, or stayed stable when the canary `from` ended. */
  v.strictObject({
    change: v.literal("rolled-back"),
    at: timestamp,
    version: VersionSchema,
    from: VersionSchema,
  }),
]);

const EntrySchema = v.strictObject({
  /** What `model=<name>` means. */
  stable: VersionSchema,
  /** A version that a share of seeds sees in place of the stable one. */
  canary: v.nullable(v.strictObject({ version: VersionSchema, percent: PercentSchema })),
  /** Every version that was ever published, oldest first: these can be pinned, unless withdrawn. */
  history: v.pipe(v.array(PublishedSchema), v.minLength(1)),
  /** The changes of stable and canary, oldest first. */
  changes: v.optional(v.pipe(v.array(ChangeSchema), v.maxLength(MAX_CHANGES)), []),
});

const CatalogSchema = v.strictObject({
  schema: v.pipe(
    v.picklist([1, CATALOG_SCHEMA]),
    v.transform(() => CATALOG_SCHEMA as typeof CATALOG_SCHEMA),
  ),
  /** Grows by 1 with each swap, so that two catalogs never have the same ETag, which is a digest. */
  edition: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  /** The model of requests that name none. */
  default: ModelNameSchema,
  models: v.record(ModelNameSchema, EntrySchema),
  /** What a prune is deleting, as name/version, and since when: meanwhile no other prune runs, and these are not published. */
  pruning: v.optional(v.strictObject({ since: timestamp, folders: v.array(v.string()) })),
});

export type Catalog = v.InferOutput<typeof CatalogSchema>;
export type CatalogEntry = v.InferOutput<typeof EntrySchema>;
export type Published = v.InferOutput<typeof PublishedSchema>;
export type Change = v.InferOutput<typeof ChangeSchema>;

/**
 * Reads a catalog.
 * @returns in the form of the latest schema
 * @throws UnsupportedReleaseError, SchemaError
 */
export function parseCatalog(bytes: Uint8Array): Catalog {
  const catalog = parseDocument(CatalogSchema, bytes, CATALOG_KEY, CATALOG_SCHEMA);
  for (const [name, entry] of Object.entries(catalog.models)) checkEntry(name, entry);
  if (!Object.hasOwn(catalog.models, catalog.default)) {
    throw new SchemaError(`${CATALOG_KEY}: the default model "${catalog.default}" is not among its models`);
  }
  return catalog;
}

/**
 * The entry of a model.
 * @throws UnknownModelError
 */
export function entryOf(catalog: Catalog, name: string): CatalogEntry {
  const entry = findEntry(catalog, name);
  if (entry) return entry;
  throw new UnknownModelError(`no model "${name}"; the models are ${Object.keys(catalog.models).join(", ")}`);
}

/** The entry of a model, if there is one. */
export function findEntry({ models }: Catalog, name: string): CatalogEntry | undefined {
  return Object.hasOwn(models, name) ? models[name] : undefined;
}

/**
 * A version that was published and can be served.
 * @throws UnknownModelError, UnknownVersionError, WithdrawnError
 */
export function publishedOf(catalog: Catalog, name: string, version: string): Published {
  const { history } = entryOf(catalog, name);
  const published = history.find((item) => item.version === version);
  if (!published) {
    const known = history.filter(({ withdrawn }) => !withdrawn).map((item) => item.version);
    throw new UnknownVersionError(
      `no version "${version}" of "${name}"; the versions are ${known.join(", ")}`,
    );
  }
  const { withdrawn } = published;
  if (!withdrawn) return published;
  throw new WithdrawnError(`${name}@${version} was withdrawn on ${withdrawn.at}: ${withdrawn.reason}`);
}

/**
 * Which version a moving name means for a seed: the canary for its share of seeds, by their hash, else the stable one.
 * The share only grows with the percentage, and each canary has other seeds.
 * @param seed  undefined for requests without one: they get the stable version
 */
export function versionFor(name: string, { stable, canary }: CatalogEntry, seed: string | undefined): string {
  if (!canary || seed === undefined) return stable;
  const [hash] = murmur3(`${name}@${canary.version}/${seed}`);
  return (100 * (hash >>> 0)) / 2 ** 32 < canary.percent ? canary.version : stable;
}

function checkEntry(name: string, entry: CatalogEntry): void {
  const where = `${CATALOG_KEY}: models.${name}`;
  const history = new Map(entry.history.map((item) => [item.version, item]));
  if (history.size < entry.history.length) throw new SchemaError(`${where} lists a version twice`);
  for (const { version, sha256 } of entry.history) {
    if (versionOf(sha256) !== version) {
      throw new SchemaError(
        `${where} gives ${version} a card of SHA-256 ${sha256}, which is another version`,
      );
    }
  }
  for (const version of [entry.stable, entry.canary?.version]) {
    if (version === undefined) continue;
    const published = history.get(version);
    if (!published) throw new SchemaError(`${where} names ${version}, which is not in its history`);
    if (published.withdrawn) throw new SchemaError(`${where} names ${version}, which was withdrawn`);
  }
}
