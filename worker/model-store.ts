// R2 to verified decoder, once per isolate. The catalog is read again when it is 30 seconds old; a model never
// changes, so it stays until others need its room. Concurrent requests share one load; a failed one is forgotten.

import { createDecoder, type Decoder } from "../shared/decoder/decoder.ts";
import type { Encoder } from "../shared/decoder/encoder.ts";
import { MissingObjectError, UnknownModelError, UnknownVersionError } from "../shared/errors.ts";
import { type Mixture, SAMPLER_FILE } from "../shared/mixture.ts";
import { planDecoder } from "../shared/model.ts";
import {
  CARD_FILE,
  CATALOG_KEY,
  type Card,
  type Catalog,
  NETWORK_FILES,
  parseCard,
  parseCatalog,
  readMixture,
  readNetwork,
  releaseKey,
} from "../shared/release.ts";
import { loadEncoder } from "./encoder-loading.ts";
import { kernels } from "./kernels.ts";
import { once } from "./once.ts";
import { createReleaseReader, type ReleaseReader } from "./release-reader.ts";

const CATALOG_TTL_MS = 30_000;
/** Decoders kept; each takes about 4 bytes per weight, 1.3 MB for the largest preset. */
const MAX_MODELS = 8;

/** A model as a request names it; without a version it is the stable one. */
export interface ModelReference {
  readonly name: string;
  readonly version?: string | undefined;
}

/** What a reference means by the catalog: everything that pins it. */
export interface ResolvedModel {
  readonly name: string;
  readonly version: string;
  readonly cardSha256: string;
  /** The request itself named the version, so its meaning never changes. */
  readonly isPinned: boolean;
}

/** The model as JSON and pinned addresses name it. */
export function pinnedName({ name, version }: Pick<ResolvedModel, "name" | "version">): string {
  return `${name}@${version}`;
}

export interface LoadedModel {
  readonly card: Card;
  readonly decoder: Decoder;
  /** How digits are drawn by class, where the release has it. */
  readonly mixture: Mixture | undefined;
  /** The way back, read when it is first asked for; throws what `load` throws. */
  readonly encoder: () => Promise<Encoder>;
}

export interface ModelStore {
  /** @throws MissingObjectError before anything was published; SchemaError, UnsupportedReleaseError */
  readonly catalog: () => Promise<Catalog>;
  /** @throws UnknownModelError, UnknownVersionError, and what `catalog` throws */
  readonly resolve: (reference: ModelReference | undefined) => Promise<ResolvedModel>;
  /** @throws MissingObjectError, DigestError, SchemaError, WeightsError, UnsupportedReleaseError */
  readonly load: (model: ResolvedModel) => Promise<LoadedModel>;
  /** The release's own files. */
  readonly release: ReleaseReader;
}

/**
 * @param bucket  holds a catalog and its releases
 * @param now  milliseconds
 * @param keepAlive  keeps a load going for those who wait for it when its own request is gone
 */
export function createModelStore(
  bucket: Pick<R2Bucket, "get">,
  now: () => number,
  keepAlive: (load: Promise<unknown>) => void,
): ModelStore {
  let catalog: { readonly value: Promise<Catalog>; readonly readAt: number } | undefined;
  const models = new Map<string, Promise<LoadedModel>>();

  const store: ModelStore = {
    catalog: () => {
      if (!catalog || now() - catalog.readAt > CATALOG_TTL_MS) {
        const value = readObject(bucket, CATALOG_KEY).then(parseCatalog);
        const entry = { value, readAt: now() };
        catalog = entry;
        keepAlive(
          value.catch(() => {
            if (catalog === entry) catalog = undefined;
          }),
        );
      }
      return catalog.value;
    },

    resolve: async (reference) => {
      const { default: defaultName, models: entries } = await store.catalog();
      const name = reference?.name ?? defaultName;
      const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
      if (!entry) {
        throw new UnknownModelError(`no model "${name}"; the models are ${Object.keys(entries).join(", ")}`);
      }
      const version = reference?.version ?? entry.stable;
      const published = entry.history.find((item) => item.version === version);
      if (!published) {
        const known = entry.history.map((item) => item.version).join(", ");
        throw new UnknownVersionError(`no version "${version}" of "${name}"; the versions are ${known}`);
      }
      return { name, version, cardSha256: published.sha256, isPinned: reference?.version !== undefined };
    },

    load: (model) => {
      const key = pinnedName(model);
      const present = models.get(key);
      const loading = present ?? loadModel(bucket, model, keepAlive);
      // The map's order is by use: the first is the one to go.
      models.delete(key);
      models.set(key, loading);
      if (models.size > MAX_MODELS) models.delete(models.keys().next().value!);
      if (!present) {
        keepAlive(
          loading.catch(() => {
            if (models.get(key) === loading) models.delete(key);
          }),
        );
      }
      return loading;
    },

    release: createReleaseReader(bucket, keepAlive),
  };
  return store;
}

async function loadModel(
  bucket: Pick<R2Bucket, "get">,
  model: ResolvedModel,
  keepAlive: (load: Promise<unknown>) => void,
): Promise<LoadedModel> {
  const key = (file: string) => releaseKey(model.name, model.version, file);
  const names = NETWORK_FILES.decoder;
  // All in one round: whether there is a sampler is known by the card only.
  const [cardBytes, modelJson, weights, sampler] = await Promise.all([
    readObject(bucket, key(CARD_FILE)),
    readObject(bucket, key(names.model)),
    readObject(bucket, key(names.weights)),
    readOptional(bucket, key(SAMPLER_FILE)),
  ]);
  const card = await parseCard(cardBytes, model.cardSha256);
  const plan = planDecoder(card.spec);
  const network = await readNetwork(card, "decoder", plan, { model: modelJson, weights });
  const mixture = await readMixture(card, sampler);
  const encoder = once(() => loadEncoder(card, (file) => readObject(bucket, key(file))), keepAlive);
  return { card, decoder: createDecoder(kernels, card.spec, network), mixture, encoder };
}

export async function readObject(bucket: Pick<R2Bucket, "get">, key: string): Promise<Uint8Array> {
  const bytes = await readOptional(bucket, key);
  if (!bytes) throw new MissingObjectError(`the bucket has no object ${key}`);
  return bytes;
}

async function readOptional(bucket: Pick<R2Bucket, "get">, key: string): Promise<Uint8Array | undefined> {
  const object = await bucket.get(key);
  return object ? new Uint8Array(await object.arrayBuffer()) : undefined;
}
