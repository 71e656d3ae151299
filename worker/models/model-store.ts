// What a request's model means, and the model itself: the catalog's last good state over the models in memory. A new
// catalog is taken over for a model that is being served only when what it makes live has been loaded, so that neither a
// publish nor a damaged release makes a request wait or fail.

import * as v from "valibot";
import { UnknownModelError, UnknownVersionError } from "../../shared/errors.ts";
import { CATALOG_KEY, type Catalog, entryOf, publishedOf, versionFor } from "../../shared/release/catalog.ts";
import { CARD_FILE, type Card, ModelNameSchema, VersionSchema } from "../../shared/release/release.ts";
import { createAdoption } from "./adoption.ts";
import { READ_TIMING, type ReadableBucket, type ReadTiming, withRetries } from "./bucket-reader.ts";
import { createCardReader } from "./card-reader.ts";
import { createCatalogStore, type KnownCatalog } from "./catalog-store.ts";
import { createFaults } from "./faults.ts";
import { createModelCache, type LoadedModel, MAX_CACHE_BYTES, type ModelSource } from "./model-cache.ts";
import { checkCard, type ModelReference, pinnedName, type ResolvedModel, type Version } from "./reference.ts";
import { createReleaseReader } from "./release-reader.ts";
import { steadyClock } from "./steady-clock.ts";

/** A canary that could not be loaded is passed over for so long. */
const RETRY_MS = 30_000;
/** What a catalog does not name is looked for in one that is no older. */
const MISS_AGE_MS = 1000;

/**
 * Refuses, by the card of the model that a request means, what the model cannot draw.
 * @param model  name@version
 */
export type CardCheck = (card: Card, model: string) => void;

export type ModelStore = ReturnType<typeof createModelStore>;

/**
 * @param bucket  holds a catalog and its releases
 * @param wallClock  milliseconds
 * @param keepAlive  keeps work going for those who wait for it when its own request is gone
 */
export function createModelStore(
  bucket: ReadableBucket,
  wallClock: () => number,
  keepAlive: (work: Promise<unknown>) => void,
  {
    timing = READ_TIMING,
    maxBytes = MAX_CACHE_BYTES,
  }: { readonly timing?: ReadTiming; readonly maxBytes?: number } = {},
) {
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
  );

  /** What a catalog says; what it does not name is looked for in one that is read for this request. */
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
    // Its version is enough to check a release by: it is served though no catalog can be read that would name it.
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
    // In an isolate that has just started, this is read beside the catalog, not after it.
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
     * @param name  of a model that it is to have, where there is one of this name
     * @throws MissingObjectError before anything was published; BucketError, SchemaError, UnsupportedReleaseError
     */
    catalog: (name?: string): Promise<Catalog> =>
      lookUp(catalogs.current, ({ served }) => {
        if (name !== undefined) entryOf(served, name);
        return served;
      }),
    /**
     * Without a version the model is loaded too, so that what is said is what will be drawn.
     * @param seed  of what is drawn; the first where there are several, undefined where there is none
     * @param check  made before anything but the card is read
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
        /** When the catalog was last read, or found unchanged; milliseconds of the machine's clock. */
        catalogCheckedAt: state && wallClock() - (now() - state.checkedAt),
        /** What is wrong at present though it may not be seen from outside. */
        problems: [...catalogFault, ...faults.list()],
        /** Models in memory, and the memory that they take. */
        loaded: cache.size(),
      };
    },
    /** The release's own files. */
    release: createReleaseReader(source),
  };
}

function isUnknown(error: unknown): boolean {
  return error instanceof UnknownModelError || error instanceof UnknownVersionError;
}
