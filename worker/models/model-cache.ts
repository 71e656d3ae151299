// Verified models in memory, within a bound of bytes: the least recently used are evicted first. Concurrent requests share
// one load; a failed load is forgotten, so that the next request tries again.

import kernels from "../../build/decode-kernels.wasm";
import type { Encoder } from "../../shared/decoder/encoder.ts";
import { memoize } from "../../shared/memoize.ts";
import { type OpenRelease, openEncoder, openRelease } from "../../shared/release/open.ts";
import { type Card, NETWORK_FILES, releaseKey } from "../../shared/release/release.ts";
import { createGate } from "../gate.ts";
import {
  MAX_BINARY_BYTES,
  MAX_JSON_BYTES,
  type ReadableBucket,
  type ReadTiming,
  readRequired,
  tooManyLoads,
  withRetries,
} from "./bucket-reader.ts";
import type { CardReader } from "./card-reader.ts";
import type { Faults } from "./faults.ts";
import { pinnedName, type Version } from "./reference.ts";

/** An isolate has 128 MB; a model of the `cnn` preset takes 1.1 MiB to draw, 2.3 with its encoder. */
export const MAX_CACHE_BYTES = 48 << 20;
/** Concurrent loads; each holds its files and its decoder until it is in the cache. */
const MAX_LOADING = 8;

export interface LoadedModel extends OpenRelease {
  readonly card: Card;
  readonly cardSha256: string;
  /** Read when first needed; throws what a load throws. */
  readonly encoder: () => Promise<Encoder>;
  /** Approximate memory. */
  readonly bytes: number;
}

/** What is needed to read a model. */
export interface ModelSource {
  readonly bucket: ReadableBucket;
  readonly readCard: CardReader;
  readonly timing: ReadTiming;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Keeps a load alive for its other waiters when its own request has ended. */
  readonly keepAlive: (work: Promise<unknown>) => void;
  readonly faults: Faults;
}

export function createModelCache(source: ModelSource, maxBytes: number) {
  const { timing, now, keepAlive } = source;
  /** Least recently used first. */
  const loaded = new Map<string, LoadedModel>();
  const gate = createGate({ most: MAX_LOADING, refuse: tooManyLoads("models"), now });
  let bytes = 0;

  const keep = (key: string, model: LoadedModel) => {
    bytes += model.bytes - (loaded.get(key)?.bytes ?? 0);
    loaded.delete(key);
    loaded.set(key, model);
    for (const [oldest, { bytes: freed }] of loaded) {
      if (bytes <= maxBytes || oldest === key) break;
      loaded.delete(oldest);
      bytes -= freed;
    }
  };

  const load = memoize(
    async (version: Version) => {
      const model = await withRetries(timing, () => gate(1, () => readModel(source, version)));
      keep(pinnedName(version), model);
      return model;
    },
    { keyOf: pinnedName, keeps: 0, now, keepAlive },
  );

  return {
    /**
     * From memory, or from the bucket.
     * @throws MissingObjectError, BucketError, DigestError, SchemaError, WeightsError, OversizedError,
     *   UnsupportedReleaseError
     */
    load: (version: Version): Promise<LoadedModel> => {
      const key = pinnedName(version);
      const present = loaded.get(key);
      if (!present) return load(version);
      keep(key, present);
      return Promise.resolve(present);
    },
    /** Undefined if it is not in memory. */
    peek: (version: Version) => loaded.get(pinnedName(version)),
    size: () => ({ models: loaded.size, bytes }),
  };
}

async function readModel(source: ModelSource, model: Version): Promise<LoadedModel> {
  const { bucket, readCard, timing, now, keepAlive, faults } = source;
  const key = (file: string) => releaseKey(model.name, model.version, file);
  const readFile = async (file: string) => {
    const maxBytes = file.endsWith(".json") ? MAX_JSON_BYTES : MAX_BINARY_BYTES;
    return (await readRequired(bucket, key(file), maxBytes, timing)).bytes;
  };
  // In parallel with the card, which says what else there is: a sampler, a flow. The encoder is read later, if at all.
  const early = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  for (const file of Object.values(NETWORK_FILES.decoder)) early.set(file, readFile(file));
  // A failure is reported where the file is used.
  for (const reading of early.values()) reading.catch(() => {});
  const { card, bytes: cardBytes, sha256 } = await readCard(model);
  const release = await openRelease(card, (file) => early.get(file) ?? readFile(file), kernels);
  const readEncoder = () =>
    faults.watch(`${pinnedName(model)} encoder`, () =>
      withRetries(timing, () => openEncoder(card, readFile, kernels)),
    );
  return {
    ...release,
    card,
    encoder: memoize(readEncoder, { now, keepAlive }),
    cardSha256: sha256,
    // Parsed JSON takes about four times its text.
    bytes: release.decoder.bytes + release.latent.bytes + encoderBytes(card) + 4 * cardBytes.byteLength,
  };
}

/** Memory of the encoder once loaded: uint8 weights are unpacked to float32, and packed for the kernels. */
function encoderBytes({ files }: Card): number {
  return 8 * (files[NETWORK_FILES.encoder.weights]?.bytes ?? 0);
}
