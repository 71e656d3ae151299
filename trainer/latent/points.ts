// Many images or draws at a time, through the engine that serves.

import type { Decoder } from "../../shared/decoder/decoder.ts";
import { createNetwork } from "../../shared/decoder/network.ts";
import { planEncoder } from "../../shared/model/plan.ts";
import { type ModelSpec, size } from "../../shared/model/spec.ts";
import type { StoredWeights } from "../../shared/model/weights.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import type { LabelledImages } from "../data/batch.ts";
import { runNetwork } from "../math/run-network.ts";

const BATCH = 12;

/**
 * Runs the encoder on images, and `encode` on its outputs for each.
 */
export function encodeImages<Point>(
  spec: ModelSpec,
  weights: StoredWeights,
  encode: (outputs: Float32Array, digit: number) => Point,
  { images, labels }: LabelledImages,
): Point[] {
  const plan = planEncoder(spec);
  const outputs = runNetwork(createNetwork(loadDecodeKernels(), plan, weights, BATCH), images);
  const each = size(plan.at(-1)!.output);
  return Array.from({ length: outputs.length / each }, (_, i) =>
    encode(outputs.subarray(i * each, (i + 1) * each), labels[i]!),
  );
}

/** What a decoder makes of points, with their noise, float32 [n, pixels], flat. */
export function logitsOf(
  decoder: Decoder,
  points: readonly { readonly latent: Float32Array }[],
): Float32Array {
  const digits = decoder.images(points.map(({ latent }) => latent));
  const each = digits[0]?.logits.length ?? 0;
  const logits = new Float32Array(digits.length * each);
  for (const [i, digit] of digits.entries()) logits.set(digit.logits, i * each);
  return logits;
}

/** The latents of points, float32 [n, latentDim], flat. */
export function latentsOf(points: readonly { readonly latent: Float32Array }[]): Float32Array {
  const dim = points[0]?.latent.length ?? 0;
  const latents = new Float32Array(points.length * dim);
  for (const [i, { latent }] of points.entries()) latents.set(latent, i * dim);
  return latents;
}
