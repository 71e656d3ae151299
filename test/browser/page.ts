// What the browser computes: the frozen vectors by the kernel, and pictures, all as hashes.

import { createDecoder } from "../../shared/decoder/decoder.ts";
import { setNumber } from "../../shared/image/number.ts";
import { encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { rasterizeSheet } from "../../shared/image/sheet.ts";
import { encodeSheetSvg, encodeSvg } from "../../shared/image/svg.ts";
import { sampleLatent } from "../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import { planeLatents, walkLatents } from "../../shared/latent/walk.ts";
import { bitsOf, hashOf, models, seeds } from "../vectors/frozen.ts";
import { computeCodes, type FrozenCodes } from "../vectors/frozen-codes.ts";
import { computeFlow, type FrozenFlow } from "../vectors/frozen-flow.ts";
import { computeInk } from "../vectors/frozen-ink.ts";
import { computeNoise, type FrozenNoise } from "../vectors/frozen-noise.ts";

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
  /** By the flow of scheme f1. */
  readonly flow: FrozenFlow;
  /** With the noise of scheme n1. */
  readonly noise: FrozenNoise;
  /** In picture format 2. */
  readonly ink: ReturnType<typeof computeInk>;
  /** Of the cnn's first digits: PNG, PNG of 100 pixels, SVG; of the first ten as a number: PNG and SVG. */
  readonly pictures: readonly string[];
  /** The plane of 16 by 16 latents, and closed walks through three seeds. */
  readonly walks: readonly string[];
}

/** @param kernels  build/decode-kernels.wasm, compiled */
export function compute(kernels: WebAssembly.Module): Computed {
  const decoders = models.map(({ name, spec, weights }) => {
    const decoder = createDecoder(kernels, spec, weights);
    const latents = seeds.map((seed) => sampleLatent(seed, latentDim(spec)));
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
    const image = decoder.image(sampleLatent(seed, latentDim(spec)));
    const svg = new TextEncoder().encode(encodeSvg(image, 100));
    return [encodePng(image), encodePng(scaleImage(image, 100)), svg].map(hashOf);
  });
  const first = seeds.slice(0, 10).map((seed) => sampleLatent(seed, latentDim(spec)));
  const sheet = setNumber(decoder.images(first), "ink", 0);
  const files = [encodePng(rasterizeSheet(sheet, 75)), new TextEncoder().encode(encodeSheetSvg(sheet, 75))];
  pictures.push(...files.map(hashOf));
  const walks = (["slerp", "lerp"] as const).map((path) =>
    walkLatents(first.slice(0, 3), { steps: 9, path, loop: true }),
  );
  const latents = seeds.map((seed) => ({ seed, bits: bitsOf(sampleLatent(seed, 16)) }));
  return {
    latents,
    decoders,
    codes: computeCodes(kernels),
    flow: computeFlow(kernels),
    noise: computeNoise(kernels),
    ink: computeInk(kernels),
    pictures,
    walks: [planeLatents(16), ...walks].map(hashAll),
  };
}

function hashAll(latents: readonly Float32Array[]): string {
  return hashOf(Float32Array.from(latents.flatMap((latent) => [...latent])));
}
