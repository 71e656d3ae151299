// The last good catalog of an isolate. In use, it is refreshed behind replies before it is too old; if it is too old, it is
// refreshed before the reply, unless that has just failed. Whatever happens to the bucket, the last good one is kept.

import { MissingObjectError } from "../../shared/errors.ts";
import { memoize } from "../../shared/memoize.ts";
import { CATALOG_KEY, type Catalog, MAX_CATALOG_BYTES, parseCatalog } from "../../shared/release/catalog.ts";
import type { Adoption } from "./adoption.ts";
import { type ReadableBucket, type ReadTiming, readBytes, withRetries } from "./bucket-reader.ts";

const LACKING = `the bucket has no object ${CATALOG_KEY}`;
/** Age from which a catalog is read again behind a reply; also the time from a failure to the next try. */
const REFRESH_MS = 20_000;
/** A catalog older than this is not used if a newer one can be read. */
const MAX_AGE_MS = 30_000;

interface CatalogState {
  /** What is published and what is withdrawn. */
  readonly read: Catalog;
  /** The same with the live versions that are ready to be served. */
  readonly served: Catalog;
  /** When the read that returned it, or found it unchanged, began; milliseconds. */
  readonly checkedAt: number;
  /** The failure of the last read, if it failed. */
  readonly problem: string | undefined;
}

/** What is served while the bucket has no catalog. */
export interface EmbeddedCatalog {
  readonly catalog: Catalog;
  /** There is no bucket, so nothing else can be published or withdrawn. */
  readonly isOnlyOne: boolean;
}

/** @property isCurrent  it is as new as required; otherwise a newer one cannot be read at the moment */
export type KnownCatalog = CatalogState & { readonly isCurrent: boolean };

/**
 * @param now  monotonic milliseconds
 * @param keepAlive  keeps a read alive when its own request has ended
 */
export function createCatalogStore(
  bucket: ReadableBucket,
  now: () => number,
  keepAlive: (work: Promise<unknown>) => void,
  timing: ReadTiming,
  { hold, prepare }: Adoption,
  embedded: EmbeddedCatalog | undefined,
) {
  let good: (Pick<CatalogState, "read" | "served"> & { readonly etag: string | undefined }) | undefined;
  /** The bucket has no catalog, although there is a bucket. */
  const isLacking = () => good !== undefined && good.read === embedded?.catalog && !embedded.isOnlyOne;
  let [checkedAt, triedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let problem: string | undefined;
  /** The most recent read, until it ends. */
  let underWay: object | undefined;
  let preparing: Promise<void> = Promise.resolve();

  const refresh = async (): Promise<void> => {
    const startedAt = now();
    const found = await readBytes(bucket, CATALOG_KEY, MAX_CATALOG_BYTES, timing, good?.etag);
    // One that was there is lost, which is a fault.
    if (!found && (!embedded || (good && good.read !== embedded.catalog)))
      throw new MissingObjectError(LACKING);
    const { read, etag } =
      found === "unchanged"
        ? good!
        : found
          ? { read: parseCatalog(found.bytes), etag: found.etag }
          : { read: embedded!.catalog, etag: undefined };
    // A late answer to a read that was abandoned.
    if (startedAt < checkedAt) return;
    const served = hold(read, good?.served);
    good = { read, etag, served };
    checkedAt = startedAt;
    if (served === read) return;
    preparing = prepare(read, served).then((ready) => {
      if (good?.read === read) good = { ...good, served: ready };
    });
    keepAlive(preparing);
  };

  /** Begins a read, or joins the one in progress. */
  const startReading = memoize(
    async (): Promise<void> => {
      triedAt = now();
      const mine = {};
      underWay = mine;
      try {
        await withRetries(timing, refresh);
        if (problem) console.warn(`${CATALOG_KEY} recovered`);
        problem = undefined;
      } catch (error) {
        const { message } = error as Error;
        if (problem !== message)
          console.error(
            `${CATALOG_KEY} refresh failed${good ? ", serving the last valid one" : ""}: ${message}`,
          );
        problem = message;
        throw error;
      } finally {
        if (underWay === mine) underWay = undefined;
      }
    },
    { keeps: 0, now, keepAlive },
  );

  /**
   * Reads the catalog if it is too old, and does not wait if that has just failed or hangs.
   * @param next  what to wait for after the read
   */
  const refreshIfOlder = async (maxAgeMs: number, next: () => Promise<void> | undefined): Promise<void> => {
    const age = now() - checkedAt;
    const sinceTry = now() - triedAt;
    if (age <= maxAgeMs) {
      if (Math.min(age, sinceTry) > REFRESH_MS) startReading();
      return;
    }
    const isDue = sinceTry > Math.min(maxAgeMs, REFRESH_MS);
    const patienceMs = isDue ? timing.timeoutMs : timing.timeoutMs - sinceTry;
    if (!isDue && (!underWay || patienceMs <= 0)) return;
    await Promise.race([startReading().then(next, () => {}), after(patienceMs)]);
  };

  const know = async (maxAgeMs: number, next: () => Promise<void> | undefined) => {
    const askedAt = now();
    await refreshIfOlder(maxAgeMs, next);
    const isCurrent = askedAt - checkedAt <= maxAgeMs && !isLacking();
    return good && { ...good, checkedAt, problem, isCurrent };
  };

  return {
    /**
     * The catalog, read for this request if it is older than `maxAgeMs`; then its live versions are awaited too.
     * @throws what reading it throws, if there is no good one
     */
    current: async (maxAgeMs = MAX_AGE_MS): Promise<KnownCatalog> => {
      if (!good) await startReading();
      return (await know(maxAgeMs, () => preparing))!;
    },
    /** The same, waiting for the catalog only; undefined if there is no good one and none can be read. */
    known: (maxAgeMs = MAX_AGE_MS) => know(maxAgeMs, () => undefined),
    /** As if none had been read. */
    forget: (): void => {
      good = undefined;
      [checkedAt, triedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    },
    /** Undefined while there is no good one. */
    state: (): CatalogState | undefined =>
      good && { ...good, checkedAt, problem: problem ?? (isLacking() ? LACKING : undefined) },
  };
}

/** @param ms  with Infinity no timer is set, which a Worker that is starting up may not do */
function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (Number.isFinite(ms)) setTimeout(resolve, ms);
  });
}
