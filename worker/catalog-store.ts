// The last good catalog of an isolate. It is read on the way of a request only when there is none, or when no request came
// for minutes; else it is refreshed behind the reply. Whatever the bucket holds or does, what was good stays.

import { CATALOG_KEY, type Catalog, MAX_CATALOG_BYTES, parseCatalog } from "../shared/catalog.ts";
import { MissingObjectError } from "../shared/errors.ts";
import { type ReadableBucket, type ReadTiming, readBytes, withRetries } from "./bucket-reader.ts";

const REFRESH_MS = 30_000;
/** An isolate that was idle for so long reads the catalog first, as one that has just started does. */
const IDLE_MS = 300_000;
/** A read that is older than all its tries together lost its request, and is not waited for. */
const ABANDONED_MS = 30_000;

export interface CatalogState {
  readonly catalog: Catalog;
  /** When it was last read, or found to be unchanged; milliseconds. */
  readonly checkedAt: number;
  /** What went wrong with the last read, where it did. */
  readonly problem: string | undefined;
}

export interface CatalogStore {
  /** The last good one: there at once, unless there is none. What reading it throws, when there is none. */
  readonly current: () => Promise<Catalog>;
  /** Undefined while there is no good one. */
  readonly state: () => CatalogState | undefined;
}

/**
 * @param now  milliseconds
 * @param keepAlive  keeps a read going when its own request is gone
 * @param adopt  makes of a catalog that was read the one that is served, after each read; may keep parts of the last
 */
export function createCatalogStore(
  bucket: ReadableBucket,
  now: () => number,
  keepAlive: (work: Promise<unknown>) => void,
  timing: ReadTiming,
  adopt: (read: Catalog, served: Catalog | undefined) => Promise<Catalog>,
): CatalogStore {
  let good: { readonly read: Catalog; readonly served: Catalog; readonly etag: string } | undefined;
  let [checkedAt, triedAt] = [0, Number.NEGATIVE_INFINITY];
  let problem: string | undefined;
  let reading: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    const found = await readBytes(bucket, CATALOG_KEY, MAX_CATALOG_BYTES, timing, good?.etag);
    if (!found) throw new MissingObjectError(`the bucket has no object ${CATALOG_KEY}`);
    const { read, etag } =
      found === "unchanged" ? good! : { read: parseCatalog(found.bytes), etag: found.etag };
    good = { read, etag, served: await adopt(read, good?.served) };
    checkedAt = now();
  };

  /** Begins a read, or joins the one that is under way. */
  const startReading = (): Promise<void> => {
    if (reading && now() - triedAt < ABANDONED_MS) return reading;
    triedAt = now();
    const mine = withRetries(timing, refresh).then(
      () => {
        if (problem) console.warn(`${CATALOG_KEY} is good again`);
        problem = undefined;
      },
      (error: Error) => {
        const isNews = problem !== error.message;
        problem = error.message;
        if (isNews)
          console.error(`${CATALOG_KEY} is not good${good ? ", the last good one stays" : ""}: ${problem}`);
        if (!good) throw error;
      },
    );
    reading = mine;
    const done = () => {
      if (reading === mine) reading = undefined;
    };
    keepAlive(mine.then(done, done));
    return mine;
  };

  return {
    current: async () => {
      const age = now() - triedAt;
      if (!good) await startReading();
      else if (age > IDLE_MS) await Promise.race([startReading(), after(timing.timeoutMs)]);
      else if (age > REFRESH_MS) startReading();
      return good!.served;
    },
    state: () => good && { catalog: good.served, checkedAt, problem },
  };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
