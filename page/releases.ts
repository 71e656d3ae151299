// What is published, and releases in the page: the files that the server draws from, checked by the same digests, run by
// the same kernel.

import kernelsAddress from "../build/decode-kernels.wasm";
import type { Encoder } from "../shared/decoder/encoder.ts";
import type { GreyImage } from "../shared/image/raster.ts";
import { SAMPLER_FILE } from "../shared/latent/gaussian/mixture.ts";
import { kindOf, latentDim } from "../shared/latent/kind.ts";
import type { LatentChoice, OpenLatent } from "../shared/latent/latent-kind.ts";
import { memoize } from "../shared/memoize.ts";
import { type OpenRelease, openEncoder, openRelease, type ReadFile } from "../shared/release/open.ts";
import { CARD_FILE, type Card, parseCard, sha256, versionOf } from "../shared/release/release.ts";
import type { Choices } from "./choices.ts";
import { request, service } from "./service.ts";

/** A model at one of its versions. */
export interface PublishedModel {
  readonly name: string;
  readonly version: string;
  readonly isDefault: boolean;
  /** ISO 8601. */
  readonly publishedAt: string;
  /** Every version that can be asked for, oldest first. */
  readonly versions: readonly { readonly version: string; readonly publishedAt: string }[];
  /** Whether it is the version that the model's name alone means. */
  readonly isStable: boolean;
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
const hasMixture = ({ files }: Card) => Object.hasOwn(files, SAMPLER_FILE);

/** Whether a model with this card has a map. */
export const hasMap = (card: Card) => latentDim(card.spec) === 2 && hasMixture(card);

/** Whether a model with this card can read what is drawn on the pad. */
export const takesDigits = ({ spec }: Card) => spec.input.join() === "28,28,1";

/** Reads the catalog and every model's card, at its stable version. */
export const loadModels = memoize(async (): Promise<readonly PublishedModel[]> => {
  const { models } = await service.models();
  return Promise.all(
    models.map(async ({ name, stable: version, isDefault, versions }) => {
      const { publishedAt } = versions.find((each) => each.version === version)!;
      const card = await loadCard({ name, version }).catch(() => undefined);
      return { name, version, isDefault, publishedAt, versions, card, isStable: true };
    }),
  );
});

/** The model that a reference names, name or name@version; undefined if nothing of that name is published. */
export const findModel = memoize(async (reference: string): Promise<PublishedModel | undefined> => {
  const [name, version] = reference.split("@");
  const model = (await loadModels()).find((each) => each.name === name);
  if (!model || version === undefined || version === model.version) return model;
  const other = model.versions.find((each) => each.version === version);
  return (
    other && { ...model, ...other, isStable: false, card: await loadCard({ name: model.name, version }) }
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

/** A visitor's choices as far as a release knows them: its digits, and guidance where it has a flow. */
export function choiceFor(
  { latent, card }: Pick<Release, "latent" | "card">,
  { digit, temperature, guidance }: Pick<Choices, "digit" | "temperature" | "guidance">,
): LatentChoice {
  return {
    digit: digit !== undefined && latent.digits.includes(digit) ? digit : undefined,
    temperature,
    guidance: ownGuidance(card) === undefined ? undefined : guidance,
  };
}

/** The mean of q(z | x), or the embeddings of the codes, float32 [latentDim]. @param pixels  28 x 28 */
export function encodeImage({ latent, encoder }: TwoWayRelease, { pixels }: GreyImage): Float32Array {
  return latent.encode(encoder.encode(Float32Array.from(pixels, (level) => level / 255))).latent;
}
