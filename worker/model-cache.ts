// Verified decoders in memory, by use and within a bound of bytes. Concurrent requests share one load; a load that failed
// is forgotten, so that the next request tries again.

import { type CodeModel, createCodeModel } from "../shared/codes/model.ts";
import { createDecoder, type Decoder } from "../shared/decoder/decoder.ts";
import type { Encoder } from "../shared/decoder/encoder.ts";
import { BucketError, SchemaError } from "../shared/errors.ts";
import { type Mixture, SAMPLER_FILE } from "../shared/mixture.ts";
import { planDecoder } from "../shared/model.ts";
import {
  CARD_FILE,
  type Card,
  CODES_FILES,
  NETWORK_FILES,
  parseCard,
  readCodes,
  readMixture,
  readNetwork,
  releaseKey,
  sha256,
} from "../shared/release.ts";
import { createCodeSampler, createGaussianSampler, type Sampler } from "../shared/sampler.ts";
import {
  type ReadableBucket,
  type ReadTiming,
  readBytes,
  readRequired,
  withRetries,
} from "./bucket-reader.ts";
import { loadEncoder } from "./encoder-loading.ts";
import { kernels } from "./kernels.ts";
import { once } from "./once.ts";

/** Of 128 MB that an isolate has; a model of the `cnn` preset takes 1.1 MiB. */
export const MAX_CACHE_BYTES = 48 << 20;
/** Cards and topologies take 20 KB; weights 90 to 800 KB. */
export const MAX_JSON_BYTES = 1 << 20;
export const MAX_BINARY_BYTES = 8 << 20;
/** Loads that read at the same time; each holds its files and its decoder until it is in the cache. */
const MAX_READING = 8;
/** A load that is older lost its request, and is not waited for. */
const ABANDONED_MS = 30_000;

export interface LoadedModel {
  readonly card: Card;
  readonly cardSha256: string;
  readonly decoder: Decoder;
  /** From seeds to what the decoder takes. */
  readonly sampler: Sampler;
  /** Where digits lie in a Gaussian latent, by class, where the release has it. */
  readonly mixture: Mixture | undefined;
  /** The codebook and its prior, of a model with codes. */
  readonly codes: CodeModel | undefined;
  /** The way back, read when it is first asked for; throws what a load throws. */
  readonly encoder: () => Promise<Encoder>;
  /** Memory that it takes, about. */
  readonly bytes: number;
}

export interface ModelCache {
  /**
   * From memory, or from the bucket.
   * @throws MissingObjectError, BucketError, DigestError, SchemaError, WeightsError, OversizedError,
   *   UnsupportedReleaseError
   */
  readonly load: (name: string, version: string) => Promise<LoadedModel>;
  readonly has: (name: string, version: string) => boolean;
  readonly size: () => { readonly models: number; readonly bytes: number };
}

/**
 * @param now  milliseconds
 * @param keepAlive  keeps a load going for those who wait for it when its own request is gone
 */
export function createModelCache(
  bucket: ReadableBucket,
  now: () => number,
  keepAlive: (work: Promise<unknown>) => void,
  timing: ReadTiming,
  maxBytes: number,
): ModelCache {
  /** In order of use: the first is the one to go. */
  const loaded = new Map<string, LoadedModel>();
  const loading = new Map<string, { readonly load: Promise<LoadedModel>; readonly since: number }>();
  /** Loads that read at present. */
  const reading = new Set<{ readonly since: number }>();
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

  /** One try, where there is room for it. */
  const read = async (name: string, version: string): Promise<LoadedModel> => {
    for (const other of reading) if (now() - other.since > ABANDONED_MS) reading.delete(other);
    if (reading.size >= MAX_READING) {
      throw new BucketError(`${reading.size} other models are being loaded; try again in a moment`);
    }
    const mine = { since: now() };
    reading.add(mine);
    try {
      return await readModel(bucket, name, version, keepAlive, timing);
    } finally {
      reading.delete(mine);
    }
  };

  return {
    load: (name, version) => {
      const key = `${name}@${version}`;
      const present = loaded.get(key);
      if (present) {
        keep(key, present);
        return Promise.resolve(present);
      }
      const shared = loading.get(key);
      if (shared && now() - shared.since < ABANDONED_MS) return shared.load;
      const load = withRetries(timing, () => read(name, version)).then((model) => {
        keep(key, model);
        return model;
      });
      loading.set(key, { load, since: now() });
      const done = () => {
        if (loading.get(key)?.load === load) loading.delete(key);
      };
      keepAlive(load.then(done, done));
      return load;
    },
    has: (name, version) => loaded.has(`${name}@${version}`),
    size: () => ({ models: loaded.size, bytes }),
  };
}

async function readModel(
  bucket: ReadableBucket,
  name: string,
  version: string,
  keepAlive: (work: Promise<unknown>) => void,
  timing: ReadTiming,
): Promise<LoadedModel> {
  const key = (file: string) => releaseKey(name, version, file);
  const names = NETWORK_FILES.decoder;
  // All in one round: whether there is a sampler is known by the card only.
  const [cardFile, modelJson, weights, sampler] = await Promise.all([
    readRequired(bucket, key(CARD_FILE), MAX_JSON_BYTES, timing),
    readRequired(bucket, key(names.model), MAX_JSON_BYTES, timing),
    readRequired(bucket, key(names.weights), MAX_BINARY_BYTES, timing),
    readBytes(bucket, key(SAMPLER_FILE), MAX_BINARY_BYTES, timing),
  ]);
  // The version is the beginning of the card's digest, and the card holds the digests of all else.
  const card = await parseCard(cardFile.bytes, version);
  if (card.name !== name) throw new SchemaError(`${key(CARD_FILE)} is of a model named "${card.name}"`);
  const network = await readNetwork(card, "decoder", planDecoder(card.spec), {
    model: modelJson.bytes,
    weights: weights.bytes,
  });
  const samplerBytes = sampler === "unchanged" ? undefined : sampler?.bytes;
  const mixture = await readMixture(card, samplerBytes);
  const decoder = createDecoder(kernels, card.spec, network);
  const readFile = async (file: string) =>
    (await readRequired(bucket, key(file), MAX_BINARY_BYTES, timing)).bytes;
  const codes = await loadCodes(card, readFile);
  return {
    card,
    encoder: once(() => withRetries(timing, () => loadEncoder(card, readFile)), keepAlive),
    cardSha256: await sha256(cardFile.bytes),
    decoder,
    sampler: codes ? createCodeSampler(codes) : createGaussianSampler(card.spec, mixture),
    mixture,
    codes,
    // Parsed JSON takes a few times its text; a sampler is unpacked beside its file.
    bytes:
      decoder.bytes +
      (codes?.bytes ?? 0) +
      encoderBytes(card) +
      4 * cardFile.bytes.byteLength +
      2 * (samplerBytes?.byteLength ?? 0),
  };
}

/** In a round of its own, so that models without codes do not ask for what they lack. */
async function loadCodes(
  card: Card,
  read: (file: string) => Promise<Uint8Array>,
): Promise<CodeModel | undefined> {
  if (!card.spec.codes) return undefined;
  const [model, weights] = await Promise.all([read(CODES_FILES.model), read(CODES_FILES.weights)]);
  return createCodeModel(kernels, card.spec, (await readCodes(card, { model, weights }))!);
}

/** What the encoder takes once it is asked for: uint8 weights are unpacked to float32, and packed for the kernels. */
function encoderBytes({ files }: Card): number {
  return 8 * (files[NETWORK_FILES.encoder.weights]?.bytes ?? 0);
}
