// What is published, and releases in the page: the files that the server draws from, checked by the same digests, run by
// the same kernel.

import kernelsAddress from "../build/decode-kernels.wasm";
import type { Encoder } from "../shared/decoder/encoder.ts";
import { SAMPLER_FILE } from "../shared/latent/gaussian/mixture.ts";
import { kindOf } from "../shared/latent/kind.ts";
import type { LatentDraw, OpenLatent } from "../shared/latent/latent-kind.ts";
import { memoize } from "../shared/memoize.ts";
import {
  type OpenRelease,
  openEncoder,
  openLatent,
  openRelease,
  type ReadFile,
} from "../shared/release/open.ts";
import { CARD_FILE, type Card, parseCard, sha256, versionOf } from "../shared/release/release.ts";
import type { Choices } from "./choices.ts";
import { request, service } from "./service.ts";

/** A model at its stable version. */
export interface PublishedModel {
  readonly name: string;
  readonly version: string;
  readonly isDefault: boolean;
  /** ISO 8601. */
  readonly publishedAt: string;
  readonly versions: number;
  /** Undefined where the page cannot read it; then only the server draws with the model. */
  readonly card: Card | undefined;
}

/** A model whose card the page can read. */
export interface ReadableModel extends PublishedModel {
  readonly card: Card;
}

export interface Release extends ReadableModel, OpenRelease {
  readonly mixture: OpenLatent["mixture"];
}

/** A release with its encoder, from pixels to latents. */
export interface TwoWayRelease extends Release {
  readonly encoder: Encoder;
}

export const pinnedName = ({ name, version }: PublishedModel) => `${name}@${version}`;

export const isReadable = (model: PublishedModel): model is ReadableModel => model.card !== undefined;

/** Whether a release has a mixture of its classes' latents. */
export const hasMixture = ({ files }: Card) => Object.hasOwn(files, SAMPLER_FILE);

/** Reads the catalog and every model's card. */
export const loadModels = memoize(async (): Promise<readonly PublishedModel[]> => {
  const { models } = await service.models();
  return Promise.all(
    models.map(async ({ name, stable: version, isDefault, versions }) => {
      const { publishedAt } = versions.find((each) => each.version === version)!;
      const card = await loadCard({ name, version }).catch(() => undefined);
      return { name, version, isDefault, publishedAt, versions: versions.length, card };
    }),
  );
});

async function loadCard(model: Pick<PublishedModel, "name" | "version">): Promise<Card> {
  const bytes = await reading(model)(CARD_FILE);
  const digest = await sha256(bytes);
  if (versionOf(digest) !== model.version) throw new Error(`the card's SHA-256 is ${digest}`);
  return parseCard(bytes, digest);
}

const reading =
  ({ name, version }: Pick<PublishedModel, "name" | "version">): ReadFile =>
  async (file) =>
    (await service.modelFile({ name, version, file })).bytes;

const byModel = { keyOf: pinnedName };

const loadKernels = memoize(() => WebAssembly.compileStreaming(request(kernelsAddress)));

/** The latent alone: enough to know where a seed lies, without the decoder. */
export const loadLatent = memoize(
  (model: ReadableModel) => openLatent(model.card, reading(model), loadKernels),
  byModel,
);

/** The decoder, verified against its card as the server does. */
export const loadRelease = memoize(async (model: ReadableModel): Promise<Release> => {
  const release = await openRelease(model.card, reading(model), loadKernels());
  return { ...model, ...release, mixture: release.latent.mixture };
}, byModel);

export const loadTwoWay = memoize(async (model: ReadableModel): Promise<TwoWayRelease> => {
  const [release, encoder] = await Promise.all([
    loadRelease(model),
    openEncoder(model.card, reading(model), loadKernels()),
  ]);
  return { ...release, encoder };
}, byModel);

/** Guidance of a model where nothing else is asked for; undefined for kinds that have none. */
export function ownGuidance({ spec }: Card): number | undefined {
  return kindOf(spec).guidance?.(spec);
}

/** What a seed stands for; `digit` counts only where the model is class-conditional, `guidance` where it has a flow. */
export function drawSeed(
  { latent, card }: Release,
  { seed, digit }: Pick<Choices, "seed" | "digit">,
  { temperature, guidance }: Pick<Choices, "temperature" | "guidance">,
): LatentDraw {
  return latent.draw(seed, {
    digit: latent.digits.length > 0 ? digit : undefined,
    temperature,
    guidance: ownGuidance(card) === undefined ? undefined : guidance,
  });
}

/** Whether a model is the one that a visitor chose, or the server's default where none is. */
export function isChosen({ isDefault, name }: PublishedModel, { model }: Pick<Choices, "model">): boolean {
  return model === undefined ? isDefault : model === name;
}
