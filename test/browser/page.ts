// What the browser computes: the frozen vectors by the kernel, and pictures, all as hashes.

import { createDecoder } from "../../shared/decoder/decoder.ts";
import { encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { encodeSvg } from "../../shared/image/svg.ts";
import { sampleLatent } from "../../shared/latent.ts";
import { bitsOf, hashOf, models, seeds } from "../vectors/frozen.ts";
import { computeCodes, type FrozenCodes } from "../vectors/frozen-codes.ts";

export interface Computed {
  readonly latents: readonly { readonly seed: string; readonly bits: string }[];
  readonly decoders: readonly {
    readonly model: string;
    readonly firstLogits: string;
    readonly logits: readonly string[];
    readonly pixels: readonly string[];
  }[];
  /** By the prior of scheme vq1. */
  readonly codes: FrozenCodes;
  /** Of the cnn's first digits: PNG, PNG of 100 pixels, SVG. */
  readonly pictures: readonly string[];
}

/** @param kernels  build/decode-kernels.wasm, compiled */
export function compute(kernels: WebAssembly.Module): Computed {
  const decoders = models.map(({ name, spec, weights }) => {
    const decoder = createDecoder(kernels, spec, weights);
    const latents = seeds.map((seed) => sampleLatent(seed, spec.latentDim));
    const logits = latents.map((latent) => decoder.logits(latent));
    return {
      model: name,
      firstLogits: bitsOf(logits[0]!),
      logits: logits.map(hashOf),
      pixels: decoder.images(latents).map(({ pixels }) => hashOf(pixels)),
    };
  });
  const { spec, weights } = models.find(({ name }) => name === "cnn")!;
  const decoder = createDecoder(kernels, spec, weights);
  const pictures = seeds.slice(0, 20).flatMap((seed) => {
    const image = decoder.image(sampleLatent(seed, spec.latentDim));
    const svg = new TextEncoder().encode(encodeSvg(image, 100));
    return [encodePng(image), encodePng(scaleImage(image, 100)), svg].map(hashOf);
  });
  const latents = seeds.map((seed) => ({ seed, bits: bitsOf(sampleLatent(seed, 16)) }));
  return { latents, decoders, codes: computeCodes(kernels), pictures };
}
