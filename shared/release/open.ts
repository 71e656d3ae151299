// Opens a release's card and files for drawing: the one way in which the trainer, the Worker and the page read a release.
// Every file is checked against the card.

import * as v from "valibot";
import { createDecoder, type Decoder } from "../decoder/decoder.ts";
import { createEncoder, type Encoder } from "../decoder/encoder.ts";
import { MissingObjectError } from "../errors.ts";
import { type Ink, openInk } from "../image/ink/ink.ts";
import { openLatent as openLatentOf } from "../latent/kind.ts";
import type { OpenLatent } from "../latent/latent-kind.ts";
import { planDecoder, planEncoder } from "../model/plan.ts";
import type { ModelSpec } from "../model/spec.ts";
import { readWeightFiles } from "../model/weight-files.ts";
import { type StoredWeights, WeightsManifestSchema } from "../model/weights.ts";
import { type Card, checkFile, NETWORK_FILES } from "./release.ts";

/** Bytes of a release's file by its name; throws a MissingObjectError, or the error that kept it from reading. */
export type ReadFile = (file: string) => Promise<Uint8Array>;

/** A release that is ready to draw. */
export interface OpenRelease {
  readonly decoder: Decoder;
  /** From seeds, pictures and numbers to the decoder's input. */
  readonly latent: OpenLatent;
  /** Draws the decoder's digits at any size. */
  readonly ink: Ink;
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
 * Reads a release without its encoder, which drawing does not need.
 * @param kernels  build/decode-kernels.wasm, compiled
 * @throws MissingObjectError, DigestError, SchemaError, WeightsError, UnsupportedReleaseError; what `read` throws
 */
export async function openRelease(
  card: Card,
  read: ReadFile,
  kernels: WebAssembly.Module | Promise<WebAssembly.Module>,
): Promise<OpenRelease> {
  return openParts(card, checked(card, read), kernels);
}

/** The same without a look at digests, for files that came with the code. */
export async function openParts(
  { spec, files }: Pick<Card, "spec" | "files">,
  read: ReadFile,
  kernels: WebAssembly.Module | Promise<WebAssembly.Module>,
): Promise<OpenRelease> {
  const [module, weights, latent] = await Promise.all([
    kernels,
    readWeights(spec, "decoder", read),
    openLatentOf(spec, files, read, () => kernels),
  ]);
  return { decoder: createDecoder(module, spec, weights), latent, ink: openInk(module) };
}

/** A release's latent, without the decoder; throws what `openRelease` does. */
export function openLatent(
  card: Card,
  read: ReadFile,
  kernels: () => WebAssembly.Module | Promise<WebAssembly.Module>,
): Promise<OpenLatent> {
  return openLatentOf(card.spec, card.files, checked(card, read), kernels);
}

/** A release's encoder, from pixels to latents; takes and throws what `openRelease` does. */
export async function openEncoder(
  card: Card,
  read: ReadFile,
  kernels: WebAssembly.Module | Promise<WebAssembly.Module>,
): Promise<Encoder> {
  const [module, weights] = await Promise.all([kernels, readNetwork(card, "encoder", read)]);
  return createEncoder(module, card.spec, weights);
}

const ModelJsonSchema = v.object({
  format: v.literal("layers-model"),
  weightsManifest: WeightsManifestSchema,
});

/** The weights of one network of a release; throws what `openRelease` does. */
export async function readNetwork(
  card: Card,
  network: keyof typeof NETWORK_FILES,
  read: ReadFile,
): Promise<StoredWeights> {
  return readWeights(card.spec, network, checked(card, read));
}

async function readWeights(
  spec: ModelSpec,
  network: keyof typeof NETWORK_FILES,
  read: ReadFile,
): Promise<StoredWeights> {
  const plan = network === "decoder" ? planDecoder(spec) : planEncoder(spec);
  const specs = plan.flatMap(({ weights }) => weights);
  return readWeightFiles(NETWORK_FILES[network], ModelJsonSchema, specs, read);
}

/** Checks what is read against the card. */
function checked(card: Card, read: ReadFile): ReadFile {
  return async (file) => {
    const bytes = await read(file);
    await checkFile(card, file, bytes);
    return bytes;
  };
}
