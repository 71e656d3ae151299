// Resolves a request's model by the catalog's last good state, and loads it.

import * as v from "valibot";
import { UnknownModelError, UnknownVersionError } from "../../shared/errors.ts";
import {
  CATALOG_KEY,
  type Catalog,
  entryOf,
  parseCatalog,
  publishedOf,
  versionFor,
} from "../../shared/release/catalog.ts";
import type { Objects } from "../../shared/release/packed-objects.ts";
import { CARD_FILE, type Card, ModelNameSchema, VersionSchema } from "../../shared/release/release.ts";
import { createAdoption } from "./adoption.ts";
import { READ_TIMING, type ReadableBucket, type ReadTiming, withRetries } from "./bucket-reader.ts";
import { createCardReader } from "./card-reader.ts";
import { createCatalogStore, type KnownCatalog } from "./catalog-store.ts";
import { createDatasetReader } from "./dataset-reader.ts";
import { createFaults } from "./faults.ts";
import { createModelCache, type LoadedModel, MAX_CACHE_BYTES, type ModelSource } from "./model-cache.ts";
import { checkCard, type ModelReference, pinnedName, type ResolvedModel, type Version } from "./reference.ts";
import { createReleaseReader } from "./release-reader.ts";
import { steadyClock } from "./steady-clock.ts";

/** How long a canary that could not be loaded is skipped. */
const RETRY_MS = 30_000;
/** A name that is missing in an older catalog is looked up again in a new one. */
const MISS_AGE_MS = 1000;

/**
 * Refuses what the model cannot draw, by its card.
 * @param model  name@version
 */
export type CardCheck = (card: Card, model: string) => void;

export type ModelStore = ReturnType<typeof createModelStore>;

/** Without a bucket there is only what is embedded. */
const NO_BUCKET: ReadableBucket = { get: async () => null };

/**
 * @param stored  holds a catalog and its releases; undefined without a bucket
 * @param wallClock  milliseconds
 * @param keepAlive  keeps work alive for its other waiters when its own request has ended
 * @param embedded  a catalog and the releases that it lists, served while the bucket has no catalog
 */
export function createModelStore(
  stored: ReadableBucket | undefined,
  wallClock: () => number,
  keepAlive: (work: Promise<unknown>) => void,
  {
    timing: given = READ_TIMING,
    maxBytes = MAX_CACHE_BYTES,
    embedded = new Map(),
  }: { readonly timing?: ReadTiming; readonly maxBytes?: number; readonly embedded?: Objects } = {},
) {
  let isRehearsing = false;
  const stores = stored ?? NO_BUCKET;
  const bucket: ReadableBucket = {
    get: ((...request) => (isRehearsing ? NO_BUCKET : stores).get(...request)) as ReadableBucket["get"],
    embedded,
  };
  const timing: ReadTiming = {
    pausesMs: given.pausesMs,
    get timeoutMs() {
      return isRehearsing ? Number.POSITIVE_INFINITY : given.timeoutMs;
    },
  };
  const catalogBytes = embedded.get(CATALOG_KEY);
  const embeddedCatalog = catalogBytes && { catalog: parseCatalog(catalogBytes), isOnlyOne: !stored };
  const now = steadyClock(wallClock);
  const faults = createFaults(now);
  const readCard = createCardReader(bucket, now, keepAlive, timing);
  const source: ModelSource = { bucket, readCard, timing, now, keepAlive, faults };
  const cache = createModelCache(source, maxBytes);

  const load = (version: Version): Promise<LoadedModel> =>
    faults.watch(pinnedName(version), () => cache.load(version));

  const cardOf = async (version: Version): Promise<Card> =>
    cache.peek(version)?.card ??
    (
      await faults.watch(`${pinnedName(version)} ${CARD_FILE}`, () =>
        withRetries(timing, () => readCard(version)),
      )
    ).card;

  const catalogs = createCatalogStore(
    bucket,
    now,
    keepAlive,
    timing,
    createAdoption({ isLoaded: (version) => cache.peek(version) !== undefined, load, faults }),
    embeddedCatalog,
  );

  /** Looks up in the catalog; again in one that is read for this request if the name is unknown. */
  const lookUp = async <Known, Found>(
    ask: (maxAgeMs?: number) => Promise<Known>,
    find: (known: Known, isLast: boolean) => Found,
  ): Promise<Found> => {
    try {
      return find(await ask(), false);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      return find(await ask(MISS_AGE_MS), true);
    }
  };

  const pin = ({ name, version }: Version): Promise<ResolvedModel> => {
    // A version, the beginning of the card's digest, is enough to verify a release if no catalog can be read.
    const unlisted = { name, version, cardSha256: version, isPinned: true, isCurrent: false };
    const mayExist = v.is(VersionSchema, version) && v.is(ModelNameSchema, name);
    return lookUp(catalogs.known, (known, isLast) => {
      if (!known && mayExist) return unlisted;
      if (!known) throw new UnknownVersionError(`no version "${version}" of "${name}"`);
      try {
        const { sha256 } = publishedOf(known.read, name, version);
        return { ...unlisted, cardSha256: sha256, isCurrent: known.isCurrent };
      } catch (error) {
        if (isLast && mayExist && !known.isCurrent && isUnknown(error)) return unlisted;
        throw error;
      }
    });
  };

  const resolvePinned = async (version: Version, check: CardCheck | undefined): Promise<ResolvedModel> => {
    // In a new isolate, read in parallel with the catalog.
    if (!catalogs.state()) (check ? readCard(version) : cache.load(version)).catch(() => {});
    const model = await pin(version);
    check?.(await cardOf(version), pinnedName(version));
    return model;
  };

  const resolveMoving = async (
    named: string | undefined,
    seed: string | undefined,
    check: CardCheck | undefined,
  ): Promise<ResolvedModel> => {
    const find = ({ served, isCurrent }: KnownCatalog) => {
      const name = named ?? served.default;
      return { catalog: served, name, entry: entryOf(served, name), isCurrent };
    };
    const { catalog, name, entry, isCurrent } = await lookUp(catalogs.current, find);
    const resolved = (version: string): ResolvedModel => {
      const { sha256 } = publishedOf(catalog, name, version);
      return { name, version, cardSha256: sha256, isPinned: false, isCurrent };
    };
    const chosen = { name, version: versionFor(name, entry, seed) };
    if (chosen.version !== entry.stable && !faults.hasFailed(pinnedName(chosen), RETRY_MS)) {
      const card = check && (await cardOf(chosen).catch(() => undefined));
      if (card) check(card, pinnedName(chosen));
      if (await load(chosen).catch(() => undefined)) return resolved(chosen.version);
    }
    const stable = { name, version: entry.stable };
    check?.(await cardOf(stable), pinnedName(stable));
    await load(stable);
    return resolved(entry.stable);
  };

  return {
    /**
     * The catalog.
     * @param name  read again if it lacks this model
     * @throws MissingObjectError before anything was published; BucketError, SchemaError, UnsupportedReleaseError
     */
    catalog: (name?: string): Promise<Catalog> =>
      lookUp(catalogs.current, ({ served }) => {
        if (name !== undefined) entryOf(served, name);
        return served;
      }),
    /**
     * Without a version the model is loaded too, so that the version named is the one drawn.
     * @param seed  of what is drawn; the first of several, undefined without one
     * @param check  runs before anything but the card is read
     * @throws UnknownModelError, UnknownVersionError, WithdrawnError, and what `catalog`, `check` and `load` throw
     */
    resolve: (
      reference: ModelReference | undefined,
      seed?: string,
      check?: CardCheck,
    ): Promise<ResolvedModel> =>
      reference?.version === undefined
        ? resolveMoving(reference?.name, seed, check)
        : resolvePinned({ name: reference.name, version: reference.version }, check),
    /**
     * A version, without anything read of it.
     * @throws UnknownModelError, UnknownVersionError, WithdrawnError
     */
    pin,
    /**
     * Does some work as if the bucket were empty, then forgets the catalog, but not the models that were loaded: a Worker
     * that is starting may neither read a bucket nor set a timer. Without an embedded release it does nothing.
     */
    rehearse: async (work: () => Promise<unknown>): Promise<void> => {
      if (!embeddedCatalog) return;
      isRehearsing = true;
      try {
        await work();
      } finally {
        isRehearsing = false;
        catalogs.forget();
      }
    },
    /** @throws MissingObjectError, BucketError, DigestError, SchemaError, WeightsError, UnsupportedReleaseError */
    load: async (model: ResolvedModel): Promise<LoadedModel> => {
      const loaded = await load(model);
      checkCard(model, loaded.cardSha256);
      return loaded;
    },
    health: () => {
      const state = catalogs.state();
      const catalogFault = state?.problem === undefined ? [] : [{ what: CATALOG_KEY, why: state.problem }];
      return {
        /** When the catalog was last read or found unchanged, wall clock. */
        catalogCheckedAt: state && wallClock() - (now() - state.checkedAt),
        /** Current faults, whether or not callers notice them. */
        problems: [...catalogFault, ...faults.list()],
        loaded: cache.size(),
      };
    },
    /** The release's own files. */
    release: createReleaseReader(source),
    /** Published data sets. */
    dataset: createDatasetReader(source),
  };
}

function isUnknown(error: unknown): boolean {
  return error instanceof UnknownModelError || error instanceof UnknownVersionError;
}
