// Bounded reads of the bucket: a time limit, a size limit, and a few retries.

import type { R2Bucket } from "@cloudflare/workers-types";
import { BucketError, MissingObjectError, OversizedError } from "../../shared/errors.ts";
import type { Objects } from "../../shared/release/packed-objects.ts";

/** Cards and topologies take 20 KB; weights 90 to 800 KB. */
export const MAX_JSON_BYTES = 1 << 20;
export const MAX_BINARY_BYTES = 8 << 20;

export type ReadableBucket = Pick<R2Bucket, "get"> & {
  /** Objects that never change and are at hand. */
  readonly embedded?: Objects;
};

export interface ReadTiming {
  /** For one object, headers and body; with Infinity no timer is set. */
  readonly timeoutMs: number;
  /** Before each retry of a load. */
  readonly pausesMs: readonly number[];
}

/** R2 answers in tens of milliseconds; a request that waits for three tries is answered within nine seconds. */
export const READ_TIMING: ReadTiming = { timeoutMs: 2800, pausesMs: [100, 400] };

interface ReadBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/**
 * Reads a whole object.
 * @param unlessEtag  returns "unchanged" if the object still has this ETag
 * @returns undefined if there is none
 * @throws BucketError, OversizedError
 */
export async function readBytes(
  bucket: ReadableBucket,
  key: string,
  maxBytes: number,
  timing: ReadTiming,
  unlessEtag?: string,
): Promise<ReadBytes | "unchanged" | undefined> {
  const read = async (): Promise<ReadBytes | "unchanged" | undefined> => {
    const object = await bucket.get(
      key,
      unlessEtag ? { onlyIf: { etagDoesNotMatch: unlessEtag } } : undefined,
    );
    if (!object) return undefined;
    // A get whose condition failed gives the object's head.
    if (!("body" in object)) return "unchanged";
    if (object.size > maxBytes) {
      throw new OversizedError(`${key} has ${object.size} bytes, expected at most ${maxBytes}`);
    }
    return { bytes: new Uint8Array(await object.arrayBuffer()), etag: object.etag };
  };
  return inTime(key, timing, read);
}

/**
 * Waits for a read of an object as long as the timing allows.
 * @throws BucketError, OversizedError
 */
export async function inTime<T>(key: string, timing: ReadTiming, read: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A Worker that is starting up may not set timers.
  const late = new Promise<never>((_, reject) => {
    if (!Number.isFinite(timing.timeoutMs)) return;
    timer = setTimeout(() => {
      reject(new BucketError(`reading ${key} timed out after ${timing.timeoutMs} ms`));
    }, timing.timeoutMs);
  });
  try {
    return await Promise.race([read(), late]);
  } catch (cause) {
    if (cause instanceof BucketError || cause instanceof OversizedError) throw cause;
    throw new BucketError(`reading ${key} failed: ${(cause as Error).message}`, { cause });
  } finally {
    if (timer !== undefined) clearTimeout(timer);
  }
}

/**
 * Reads an object that must exist: never catalog.json.
 * @throws MissingObjectError, BucketError, OversizedError
 */
export async function readRequired(
  bucket: ReadableBucket,
  key: string,
  maxBytes: number,
  timing: ReadTiming,
): Promise<ReadBytes> {
  const embedded = bucket.embedded?.get(key);
  if (embedded) return { bytes: embedded, etag: key };
  const found = await readBytes(bucket, key, maxBytes, timing);
  if (!found || found === "unchanged") throw new MissingObjectError(`the bucket has no object ${key}`);
  return found;
}

/** Retries after each pause; throws what the last try threw. */
export async function withRetries<T>({ pausesMs }: ReadTiming, load: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await load();
    } catch {
      // Any failure, damaged bytes too, may be temporary; the last try throws.
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return load();
}

/** Refuses a load for a gate. */
export const tooManyLoads = (what: string) => () =>
  new BucketError(`too many other ${what} are being loaded; try again in a moment`);
