// A release with codes before the test images: what its two stages cost, how it uses its codebook, and what it draws.

import { type CodeModel, createCodeModel } from "../../shared/codes/model.ts";
import { createDecoder } from "../../shared/decoder/decoder.ts";
import { createNetwork } from "../../shared/decoder/network.ts";
import { planDecoder, planEncoder, size } from "../../shared/model.ts";
import {
  type Card,
  CODES_FILES,
  type Loss,
  NETWORK_FILES,
  readCodes,
  readNetwork,
} from "../../shared/release.ts";
import { createCodeSampler } from "../../shared/sampler.ts";
import type { StoredWeights } from "../../shared/weights.ts";
import { loadDecodeKernels } from "../decode-kernels.ts";
import { bernoulliNll } from "../evaluate/bernoulli.ts";
import { runNetwork } from "../evaluate/run-network.ts";
import { perplexityOf } from "./quantizer.ts";

const BATCH = 12;

/** A release's networks, as the evaluation uses them. */
export interface CodedRelease {
  readonly codes: CodeModel;
  /** Images, float32 [n, pixels] in [0, 1], flat, to the decoder's inputs, float32 [n, latentDim], flat. */
  readonly encode: (images: Float32Array) => { latents: Float32Array; codes: Uint16Array };
  /** The decoder's inputs to Bernoulli logits, float32 [n, pixels], flat. */
  readonly decode: (latents: Float32Array) => Float32Array;
  /** Digits of given classes, one a seed, as the decoder's inputs. */
  readonly draw: (digits: Uint8Array, seed: string, temperature: number) => Float32Array;
}

/** @throws MissingObjectError, DigestError, SchemaError, WeightsError */
export async function openCodedRelease(
  card: Card,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<CodedRelease> {
  const { spec } = card;
  const read = ({ model, weights }: { model: string; weights: string }) => ({
    model: files.get(model)!,
    weights: files.get(weights)!,
  });
  const kernels = loadDecodeKernels();
  const stored = (await readCodes(card, read(CODES_FILES))) as StoredWeights;
  const codes = createCodeModel(kernels, spec, stored);
  const encoderPlan = planEncoder(spec);
  const encoderWeights = await readNetwork(card, "encoder", encoderPlan, read(NETWORK_FILES.encoder));
  const decoderWeights = await readNetwork(card, "decoder", planDecoder(spec), read(NETWORK_FILES.decoder));
  const encoder = createNetwork(kernels, encoderPlan, encoderWeights, BATCH);
  const decoder = createDecoder(kernels, spec, decoderWeights, { maxBatch: BATCH });
  const sampler = createCodeSampler(codes);
  return {
    codes,
    encode: (images) => {
      const found = codes.quantize(runNetwork(encoder, images));
      const cells = codes.rows * codes.columns;
      const latents = new Float32Array((found.length / cells) * spec.latentDim);
      for (let i = 0; i < found.length / cells; i++) {
        latents.set(codes.embed(found.subarray(i * cells, (i + 1) * cells)), i * spec.latentDim);
      }
      return { latents, codes: found };
    },
    decode: decoder.logits,
    draw: (digits, seed, temperature) => {
      const latents = new Float32Array(digits.length * spec.latentDim);
      for (const [i, digit] of digits.entries()) {
        latents.set(sampler.draw(`${seed}/${i}`, { digit, temperature }), i * spec.latentDim);
      }
      return latents;
    },
  };
}

/** What a release with codes costs on images, and how it uses its codebook. */
export interface CodeFigures {
  /** Nats per image; the KL is -log p(codes | digit) under the prior. */
  readonly loss: Loss;
  /** The KL in bits. */
  readonly bits: number;
  readonly perplexity: number;
  /** Codes that occur, and all. */
  readonly used: number;
  readonly size: number;
}

/**
 * @param images  float32 [n, pixels] in [0, 1], flat
 * @param labels  [n]
 */
export function measureCodes(
  { spec }: Card,
  release: CodedRelease,
  images: Float32Array,
  labels: Uint8Array,
): CodeFigures {
  const pixels = size(spec.input);
  const cells = release.codes.rows * release.codes.columns;
  const { latents, codes } = release.encode(images);
  const logits = release.decode(latents);
  let [reconstruction, kl] = [0, 0];
  labels.forEach((label, i) => {
    const from = i * pixels;
    reconstruction += bernoulliNll(logits.subarray(from, from + pixels), images, from);
    kl += release.codes.nats(codes.subarray(i * cells, (i + 1) * cells), label);
  });
  reconstruction /= labels.length;
  kl /= labels.length;
  const counts = new Float64Array(spec.codes!.codebook.size);
  for (const code of codes) counts[code]! += 1;
  return {
    loss: { reconstruction, kl, total: reconstruction + kl },
    bits: kl / Math.LN2,
    perplexity: perplexityOf(counts),
    used: counts.filter((n) => n > 0).length,
    size: counts.length,
  };
}
