// What a request's model means, and the model itself: the catalog's last good state over the models in memory. A new
// catalog is taken over for a model that is being served only when what it makes live has been loaded, so that neither a
// publish nor a damaged release makes a request wait or fail.

import { type Catalog, type CatalogEntry, entryOf, publishedOf, versionFor } from "../shared/catalog.ts";
import { DigestError } from "../shared/errors.ts";
import { READ_TIMING, type ReadableBucket, type ReadTiming } from "./bucket-reader.ts";
import { createCatalogStore } from "./catalog-store.ts";
import { createModelCache, type LoadedModel, MAX_CACHE_BYTES } from "./model-cache.ts";
import { createReleaseReader, type ReleaseReader } from "./release-reader.ts";

export type { LoadedModel } from "./model-cache.ts";

/** A canary that could not be loaded is passed over for so long. */
const RETRY_MS = 30_000;

/** A model as a request names it; without a version it is the stable one, or the canary for its share of seeds. */
export interface ModelReference {
  readonly name: string;
  readonly version?: string | undefined;
}

/** What a reference means by the catalog: everything that pins it. */
export interface ResolvedModel {
  readonly name: string;
  readonly version: string;
  /** Or its beginning, the version, where no catalog can be read. */
  readonly cardSha256: string;
  /** The request itself named the version, so its meaning never changes. */
  readonly isPinned: boolean;
}

/** The model as JSON and pinned addresses name it. */
export function pinnedName({ name, version }: Pick<ResolvedModel, "name" | "version">): string {
  return `${name}@${version}`;
}

export interface StoreHealth {
  /** When the catalog was last read, or found unchanged; milliseconds. */
  readonly catalogCheckedAt: number | undefined;
  /** What is wrong at present though it may not be seen from outside: name or name@version, and why. */
  readonly problems: readonly { readonly what: string; readonly why: string }[];
  /** Models in memory, and the memory that they take. */
  readonly loaded: { readonly models: number; readonly bytes: number };
}

export interface ModelStore {
  /**
   * The last good catalog.
   * @throws MissingObjectError before anything was published; BucketError, SchemaError, UnsupportedReleaseError
   */
  readonly catalog: () => Promise<Catalog>;
  /**
   * Without a version the model is loaded too, so that what is told is what will be drawn.
   * @param seed  of what is drawn; the first where there are several, undefined where there is none
   * @throws UnknownModelError, UnknownVersionError, WithdrawnError, and what `catalog` and `load` throw
   */
  readonly resolve: (reference: ModelReference | undefined, seed?: string) => Promise<ResolvedModel>;
  /** @throws MissingObjectError, BucketError, DigestError, SchemaError, WeightsError, UnsupportedReleaseError */
  readonly load: (model: ResolvedModel) => Promise<LoadedModel>;
  /** The release's own files. */
  readonly release: ReleaseReader;
  readonly health: () => StoreHealth;
}

/**
 * @param bucket  holds a catalog and its releases
 * @param now  milliseconds
 * @param keepAlive  keeps work going for those who wait for it when its own request is gone
 */
export function createModelStore(
  bucket: ReadableBucket,
  now: () => number,
  keepAlive: (work: Promise<unknown>) => void,
  {
    timing = READ_TIMING,
    maxBytes = MAX_CACHE_BYTES,
  }: { readonly timing?: ReadTiming; readonly maxBytes?: number } = {},
): ModelStore {
  const cache = createModelCache(bucket, now, keepAlive, timing, maxBytes);
  /** Live versions, as name@version, whose last load failed. */
  const failures = new Map<string, { readonly why: string; readonly at: number }>();

  /** Loads a version that is live, and remembers what is wrong with it. */
  const loadLive = async (name: string, version: string): Promise<LoadedModel> => {
    const key = `${name}@${version}`;
    try {
      const model = await cache.load(name, version);
      if (failures.delete(key)) console.warn(`${key} is good again`);
      return model;
    } catch (error) {
      const why = (error as Error).message;
      if (failures.get(key)?.why !== why) console.error(`${key} is live and cannot be loaded: ${why}`);
      failures.set(key, { why, at: now() });
      throw error;
    }
  };

  /** The new entry of a model once its live versions are loaded; until then the new one with what was live. */
  const adoptEntry = async (
    name: string,
    read: CatalogEntry,
    served: CatalogEntry,
  ): Promise<CatalogEntry> => {
    const isServing = cache.has(name, served.stable);
    const isWithdrawn = read.history.some((item) => item.version === served.stable && item.withdrawn);
    if (!isServing || isWithdrawn || liveKey(read) === liveKey(served)) return read;
    const loads = liveVersions(read).map((version) => loadLive(name, version));
    const results = await Promise.allSettled(loads);
    if (results.every(({ status }) => status === "fulfilled")) return read;
    const canary = served.canary && isPublished(read, served.canary.version) ? served.canary : null;
    return { ...read, stable: served.stable, canary };
  };

  const adopt = async (read: Catalog, served: Catalog | undefined): Promise<Catalog> => {
    const isLive = new Set(
      Object.entries(read.models).flatMap(([name, entry]) => liveVersions(entry).map((v) => `${name}@${v}`)),
    );
    for (const key of failures.keys()) if (!isLive.has(key)) failures.delete(key);
    const models = await Promise.all(
      Object.entries(read.models).map(async ([name, entry]) => {
        const old = served && Object.hasOwn(served.models, name) ? served.models[name] : undefined;
        return [name, old ? await adoptEntry(name, entry, old) : entry] as const;
      }),
    );
    return { ...read, models: Object.fromEntries(models) };
  };

  const catalogs = createCatalogStore(bucket, now, keepAlive, timing, adopt);

  const resolvePinned = async (name: string, version: string): Promise<ResolvedModel> => {
    // In an isolate that has just started, the model is read beside the catalog, not after it.
    if (!catalogs.state()) cache.load(name, version).catch(() => {});
    const catalog = await catalogs.current().catch(() => undefined);
    // Its version is enough to check a release by: it is served though no catalog can be read.
    const cardSha256 = catalog ? publishedOf(catalog, name, version).sha256 : version;
    return { name, version, cardSha256, isPinned: true };
  };

  const resolveMoving = async (
    named: string | undefined,
    seed: string | undefined,
  ): Promise<ResolvedModel> => {
    const catalog = await catalogs.current();
    const name = named ?? catalog.default;
    const entry = entryOf(catalog, name);
    const resolved = (version: string): ResolvedModel => {
      const { sha256 } = publishedOf(catalog, name, version);
      return { name, version, cardSha256: sha256, isPinned: false };
    };
    const chosen = versionFor(name, entry, seed);
    if (chosen !== entry.stable) {
      const failure = failures.get(`${name}@${chosen}`);
      const isTried = !failure || now() - failure.at > RETRY_MS;
      if (isTried && (await loadLive(name, chosen).catch(() => undefined))) return resolved(chosen);
    }
    await loadLive(name, entry.stable);
    return resolved(entry.stable);
  };

  return {
    catalog: catalogs.current,
    resolve: (reference, seed) =>
      reference?.version === undefined
        ? resolveMoving(reference?.name, seed)
        : resolvePinned(reference.name, reference.version),
    load: async ({ name, version, cardSha256 }) => {
      const model = await cache.load(name, version);
      if (model.cardSha256.startsWith(cardSha256)) return model;
      throw new DigestError(
        `the card of ${name}@${version} has SHA-256 ${model.cardSha256}; the catalog promises ${cardSha256}`,
      );
    },
    health: () => {
      const state = catalogs.state();
      return {
        catalogCheckedAt: state?.checkedAt,
        problems: [
          ...(state?.problem === undefined ? [] : [{ what: "catalog.json", why: state.problem }]),
          ...[...failures].map(([what, { why }]) => ({ what, why })),
        ],
        loaded: cache.size(),
      };
    },
    release: createReleaseReader(bucket, keepAlive, timing),
  };
}

function liveVersions({ stable, canary }: CatalogEntry): string[] {
  return canary ? [stable, canary.version] : [stable];
}

function liveKey({ stable, canary }: CatalogEntry): string {
  return `${stable} ${canary?.version} ${canary?.percent}`;
}

function isPublished({ history }: CatalogEntry, version: string): boolean {
  return history.some((item) => item.version === version && !item.withdrawn);
}
