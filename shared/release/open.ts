// From a release's card and files to what draws: the one way in which the trainer, the Worker and the page read a release.
// Every file is compared with what the card promises.

import * as v from "valibot";
import { createDecoder, type Decoder } from "../decoder/decoder.ts";
import { createEncoder, type Encoder } from "../decoder/encoder.ts";
import { MissingObjectError, WeightsError } from "../errors.ts";
import { type CodeModel, createCodeModel } from "../latent/codes/code-model.ts";
import { planPrior } from "../latent/codes/prior-plan.ts";
import { type Mixture, SAMPLER_FILE, unpackMixture } from "../latent/gaussian/mixture.ts";
import { latentDim } from "../latent/kind.ts";
import { createCodeSampler, createGaussianSampler, type Sampler } from "../latent/sampler.ts";
import { planDecoder, planEncoder } from "../model/plan.ts";
import { readWeights, type StoredWeights, WeightsManifestSchema } from "../model/weights.ts";
import { type Card, CODES_FILES, CODES_FORMAT, checkFile, NETWORK_FILES, parseDocument } from "./release.ts";

/** Bytes of one file of a release, by its name; throws a MissingObjectError, or whatever else kept it from reading. */
export type ReadFile = (file: string) => Promise<Uint8Array>;

/** What a release draws from. */
export interface ReleaseWeights {
  readonly decoder: StoredWeights;
  /** Where digits lie in a Gaussian latent, by class, where the release has it. */
  readonly mixture: Mixture | undefined;
  /** The codebook and its prior, of a model with codes. */
  readonly codes: StoredWeights | undefined;
}

/** A release that is ready to draw. */
export interface OpenRelease {
  readonly decoder: Decoder;
  /** From seeds to what the decoder takes. */
  readonly sampler: Sampler;
  readonly mixture: Mixture | undefined;
  readonly codes: CodeModel | undefined;
}

/** Files of either kind of weights. */
interface WeightFiles {
  readonly model: string;
  readonly weights: string;
}

/** Reads files that are in memory. */
export function fromMemory(files: ReadonlyMap<string, Uint8Array>): ReadFile {
  return async (file) => {
    const bytes = files.get(file);
    if (!bytes) throw new MissingObjectError(`the release lacks ${file}`);
    return bytes;
  };
}

/**
 * Reads a release, its encoder aside, which drawing never waits for.
 * @param kernels  build/decode-kernels.wasm, compiled
 * @throws MissingObjectError, DigestError, SchemaError, WeightsError, UnsupportedReleaseError; what `read` throws
 */
export async function openRelease(
  card: Card,
  read: ReadFile,
  kernels: WebAssembly.Module | Promise<WebAssembly.Module>,
): Promise<OpenRelease> {
  const [module, { decoder, mixture, codes: stored }] = await Promise.all([kernels, readRelease(card, read)]);
  const codes = stored && createCodeModel(module, card.spec, stored);
  return {
    decoder: createDecoder(module, card.spec, decoder),
    sampler: codes ? createCodeSampler(codes) : createGaussianSampler(card.spec, mixture),
    mixture,
    codes,
  };
}

/** The way back of a release, from pixels to latents; parameters and errors as of `openRelease`. */
export async function openEncoder(
  card: Card,
  read: ReadFile,
  kernels: WebAssembly.Module | Promise<WebAssembly.Module>,
): Promise<Encoder> {
  const [module, weights] = await Promise.all([kernels, readNetwork(card, "encoder", read)]);
  return createEncoder(module, card.spec, weights);
}

/** The weights that `openRelease` runs; errors as there. */
export async function readRelease(card: Card, read: ReadFile): Promise<ReleaseWeights> {
  const [decoder, mixture, codes] = await Promise.all([
    readNetwork(card, "decoder", read),
    readMixture(card, read),
    readCodes(card, read),
  ]);
  return { decoder, mixture, codes };
}

const ModelJsonSchema = v.object({
  format: v.literal("layers-model"),
  weightsManifest: WeightsManifestSchema,
});

/** The weights of one network of a release; errors as of `openRelease`. */
export async function readNetwork(
  card: Card,
  network: keyof typeof NETWORK_FILES,
  read: ReadFile,
): Promise<StoredWeights> {
  const names = NETWORK_FILES[network];
  const { model, weights } = await readFiles(card, names, read);
  const { weightsManifest } = parseDocument(ModelJsonSchema, undefined, model, names.model);
  const plan = network === "decoder" ? planDecoder(card.spec) : planEncoder(card.spec);
  return readWeights(
    plan.flatMap((planned) => planned.weights),
    weightsManifest,
    weights,
  );
}

const CodesJsonSchema = v.strictObject({
  format: v.literal(CODES_FORMAT),
  weightsManifest: WeightsManifestSchema,
});

/** The codebook and the prior of a release; undefined for a model without codes. Errors as of `openRelease`. */
export async function readCodes(card: Card, read: ReadFile): Promise<StoredWeights | undefined> {
  if (card.spec.latent.kind !== "codes") return undefined;
  const { model, weights } = await readFiles(card, CODES_FILES, read);
  const { weightsManifest } = parseDocument(CodesJsonSchema, undefined, model, CODES_FILES.model);
  return readWeights(planPrior(card.spec).weights, weightsManifest, weights);
}

/** The mixture of a release; undefined for one that lists none. Errors as of `openRelease`. */
export async function readMixture(card: Card, read: ReadFile): Promise<Mixture | undefined> {
  if (!Object.hasOwn(card.files, SAMPLER_FILE)) return undefined;
  const mixture = unpackMixture(await readChecked(card, SAMPLER_FILE, read));
  if (mixture.latentDim !== latentDim(card.spec)) {
    throw new WeightsError(
      `${SAMPLER_FILE} has ${mixture.latentDim} latent dimensions; the spec has ${latentDim(card.spec)}`,
    );
  }
  return mixture;
}

async function readFiles(card: Card, names: WeightFiles, read: ReadFile) {
  const files = [names.model, names.weights].map((file) => readChecked(card, file, read));
  const [model, weights] = await Promise.all(files);
  return { model: model!, weights: weights! };
}

async function readChecked(card: Card, file: string, read: ReadFile): Promise<Uint8Array> {
  const bytes = await read(file);
  await checkFile(card, file, bytes);
  return bytes;
}
