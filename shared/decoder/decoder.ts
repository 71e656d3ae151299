// The way from latent to pixels that everything shares: the Worker's routes, the release's measurements, and the
// golden digests of a card.

import { sigmoidFloat32 } from "../arithmetic.ts";
import { type ModelSpec, planDecoder } from "../model.ts";
import type { Weights } from "../weights.ts";
import { runReference } from "./reference.ts";

/** Grey pixels, row by row: 0 is background (black), 255 is ink (white), as in MNIST. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export interface Decoder {
  /** Latent, float32 [latentDim], to logits, float32 [height * width]. */
  readonly logits: (latent: Float32Array) => Float32Array;
  /** Latent, float32 [latentDim], to an image. */
  readonly image: (latent: Float32Array) => GreyImage;
}

/**
 * Makes the decoder of a model.
 * @param weights  of the decoder's layers, dequantized
 * @throws SpecError
 */
export function createDecoder(spec: ModelSpec, weights: Weights): Decoder {
  const plan = planDecoder(spec);
  const [height, width] = spec.input;
  const logits = (latent: Float32Array) => runReference(plan, weights, latent);
  return { logits, image: (latent) => ({ width, height, pixels: pixelsFromLogits(logits(latent)) }) };
}

/** Pixel = sigmoid(logit) * 255 rounded half up, in float32 arithmetic (scheme s1). */
export function pixelsFromLogits(logits: Float32Array): Uint8Array {
  return Uint8Array.from(logits, (logit) => Math.fround(Math.fround(sigmoidFloat32(logit) * 255) + 0.5));
}
