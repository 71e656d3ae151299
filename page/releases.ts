// What is published, and releases in the page: the files that the server draws from, checked by the same digests, run by
// the same kernel.

import kernelsAddress from "../build/decode-kernels.wasm";
import { memoize } from "../shared/memoize.ts";
import {
  type OpenRelease,
  openEncoder,
  openRelease,
  type ReadFile,
  readMixture,
} from "../shared/release/open.ts";
import { CARD_FILE, type Card, parseCard, sha256, versionOf } from "../shared/release/release.ts";
import { type Failure, failureOf, fetchBytes, service } from "./service.ts";

/** A model at its stable version. */
export interface PublishedModel {
  readonly name: string;
  readonly version: string;
  readonly isDefault: boolean;
  /** ISO 8601. */
  readonly publishedAt: string;
  readonly versions: number;
  /** Its card, or why this page cannot read it: then it is drawn by the server only. */
  readonly card: Card | Failure;
}

/** A model whose card the page can read. */
export interface ReadableModel extends PublishedModel {
  readonly card: Card;
}

export interface Release extends ReadableModel, OpenRelease {}

export const pinnedName = ({ name, version }: PublishedModel) => `${name}@${version}`;

export const fileAddress = ({ name, version }: PublishedModel, file: string) =>
  `/models/${name}/${version}/${file}`;

export const isReadable = (model: PublishedModel): model is ReadableModel => "spec" in model.card;

/** Reads the catalog and every model's card. */
export async function loadModels(): Promise<readonly PublishedModel[]> {
  const { models } = await service.models();
  return Promise.all(
    models.map(async ({ name, stable, isDefault, versions }): Promise<PublishedModel> => {
      const { publishedAt } = versions.find(({ version }) => version === stable)!;
      const model = { name, version: stable, isDefault, publishedAt, versions: versions.length };
      return { ...model, card: await loadCard(`/models/${name}/${stable}/${CARD_FILE}`, stable) };
    }),
  );
}

async function loadCard(address: string, version: string): Promise<Card | Failure> {
  try {
    const bytes = await fetchBytes(address);
    const digest = await sha256(bytes);
    if (versionOf(digest) !== version) {
      return { kind: "page", detail: `${address} has SHA-256 ${digest}, which is not version ${version}` };
    }
    return await parseCard(bytes, digest);
  } catch (error) {
    return failureOf(error);
  }
}

const byModel = { keyOf: pinnedName };

const loadKernels = memoize(async () =>
  WebAssembly.compile((await fetchBytes(kernelsAddress)) as BufferSource),
);

const reading =
  (model: PublishedModel): ReadFile =>
  (file) =>
    fetchBytes(fileAddress(model, file));

/** How a model's latents are spread: enough to know where a seed lies, without its decoder. */
export const loadMixture = memoize(
  (model: ReadableModel) => readMixture(model.card, reading(model)),
  byModel,
);

/** The decoder, verified against its card as the server does. */
export const loadRelease = memoize(
  async (model: ReadableModel): Promise<Release> => ({
    ...model,
    ...(await openRelease(model.card, reading(model), loadKernels())),
  }),
  byModel,
);

/** Of a seed of the visitor's, with the digit where the model knows digits. */
export function latentOfSeed(
  { sampler }: Release,
  { seed, digit }: { readonly seed: string; readonly digit?: number | undefined },
  temperature: number,
): Float32Array {
  return sampler.draw(seed, { digit: sampler.digits.length > 0 ? digit : undefined, temperature }).latent;
}

/** The way back, from pixels to latents. */
export const loadEncoder = memoize(
  (model: ReadableModel) => openEncoder(model.card, reading(model), loadKernels()),
  byModel,
);

/** The model that a visitor chose, or the server's default; undefined when it is not published. */
export function chosenModel(
  models: readonly PublishedModel[],
  name: string | undefined,
): PublishedModel | undefined {
  return models.find((model) => (name === undefined ? model.isDefault : model.name === name));
}

/**
 * The model for a part of the page that not every model can serve: the chosen one if it can, else the default, else the first.
 */
export function modelFor(
  models: readonly PublishedModel[],
  name: string | undefined,
  suits: (card: Card) => boolean,
): ReadableModel | undefined {
  const able = models.filter(isReadable).filter(({ card }) => suits(card));
  return able.find((model) => model.name === name) ?? able.find(({ isDefault }) => isDefault) ?? able.at(0);
}
