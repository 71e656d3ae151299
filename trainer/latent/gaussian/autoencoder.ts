// A trained VAE as the evaluation sees it: the very engine that serves, with float or with quantized weights.

import { createDecoder } from "../../../shared/decoder/decoder.ts";
import { createNetwork } from "../../../shared/decoder/network.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { planEncoder } from "../../../shared/model/plan.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { StoredWeights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import type { LabelledImages } from "../../data/batch.ts";
import { runNetwork } from "../../math/run-network.ts";

const BATCH = 12;

export interface Autoencoder {
  readonly latentDim: number;
  /** Images to q(z|x), or to q(z|x, digit). */
  readonly encode: (images: LabelledImages) => Posterior;
  /**
   * Latents, float32 [n, latentDim], flat, to logits, float32 [n, pixels], flat.
   * @param digits  [n], for a decoder that is given them
   */
  readonly decode: (latents: Float32Array, digits: Uint8Array) => Float32Array;
}

/** Diagonal Gaussians q(z|x), each array float32 [n, latentDim], flat. */
export interface Posterior {
  readonly mu: Float32Array;
  readonly logVar: Float32Array;
}

/** @throws SpecError, WeightsError */
export function createAutoencoder(
  spec: ModelSpec,
  weights: { readonly encoder: StoredWeights; readonly decoder: StoredWeights },
): Autoencoder {
  const dim = latentDim(spec);
  const kernels = loadDecodeKernels();
  const encoder = createNetwork(kernels, planEncoder(spec), weights.encoder, BATCH);
  return {
    latentDim: dim,
    encode: ({ images }) => splitHeads(runNetwork(encoder, images), dim),
    decode: createDecoder(kernels, spec, weights.decoder, { maxBatch: BATCH }).logits,
  };
}

/** @param heads  [n, 2 * latentDim], flat: mu, then logVar */
export function splitHeads(heads: Float32Array, latentDim: number): Posterior {
  const size = heads.length / 2;
  const half = (offset: number) =>
    Float32Array.from(
      { length: size },
      (_, i) => heads[2 * latentDim * Math.floor(i / latentDim) + offset + (i % latentDim)]!,
    );
  return { mu: half(0), logVar: half(latentDim) };
}
