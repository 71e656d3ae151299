// From a release's card and files to what draws: the one way in which the trainer, the Worker and the page read a release.
// Every file is compared with what the card promises.

import * as v from "valibot";
import { createDecoder, type Decoder } from "../decoder/decoder.ts";
import { createEncoder, type Encoder } from "../decoder/encoder.ts";
import { MissingObjectError } from "../errors.ts";
import { kindOf } from "../latent/kind.ts";
import type { OpenLatent } from "../latent/latent-kind.ts";
import { planDecoder, planEncoder } from "../model/plan.ts";
import { readWeightFiles } from "../model/weight-files.ts";
import { type StoredWeights, WeightsManifestSchema } from "../model/weights.ts";
import { type Card, checkFile, NETWORK_FILES } from "./release.ts";

/** Bytes of one file of a release, by its name; throws a MissingObjectError, or whatever else kept it from reading. */
export type ReadFile = (file: string) => Promise<Uint8Array>;

/** A release that is ready to draw. */
export interface OpenRelease {
  readonly decoder: Decoder;
  /** From seeds, pictures and numbers to what the decoder takes. */
  readonly latent: OpenLatent;
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
  const [module, weights, latent] = await Promise.all([
    kernels,
    readNetwork(card, "decoder", read),
    openLatent(card, read, () => kernels),
  ]);
  return { decoder: createDecoder(module, card.spec, weights), latent };
}

/** What a release draws from, without its decoder; errors as of `openRelease`. */
export function openLatent(
  card: Card,
  read: ReadFile,
  kernels: () => WebAssembly.Module | Promise<WebAssembly.Module>,
): Promise<OpenLatent> {
  return kindOf(card.spec).open(card.spec, card.files, checked(card, read), kernels);
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
  const plan = network === "decoder" ? planDecoder(card.spec) : planEncoder(card.spec);
  const specs = plan.flatMap(({ weights }) => weights);
  return readWeightFiles(NETWORK_FILES[network], ModelJsonSchema, specs, checked(card, read));
}

/** Compares what is read with what the card promises. */
function checked(card: Card, read: ReadFile): ReadFile {
  return async (file) => {
    const bytes = await read(file);
    await checkFile(card, file, bytes);
    return bytes;
  };
}
