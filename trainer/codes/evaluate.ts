// A model with codes before the test images: what its two stages cost, how it uses its codebook, and what it draws. Of a
// discrete latent there is no posterior to sample, so no importance-weighted bound, no active units, no means.

import { type CodeModel, createCodeModel } from "../../shared/codes/model.ts";
import { createDecoder } from "../../shared/decoder/decoder.ts";
import { createNetwork } from "../../shared/decoder/network.ts";
import { type ModelSpec, planEncoder, size } from "../../shared/model.ts";
import { createCodeSampler } from "../../shared/sampler.ts";
import type { StoredWeights } from "../../shared/weights.ts";
import { loadDecodeKernels } from "../decode-kernels.ts";
import { bernoulliNll } from "../evaluate/bernoulli.ts";
import type { TestSet } from "../evaluate/evaluate.ts";
import type { ModelMetrics } from "../evaluate/evaluation.ts";
import { findCodeFailure } from "../evaluate/failure.ts";
import type { Judge } from "../evaluate/judge.ts";
import { runNetwork } from "../evaluate/run-network.ts";
import { perplexityOf } from "./quantizer.ts";

const BATCH = 12;
/** Below the prior's own spread: fewer digits that are none, and less variety. */
const COOLER = [0.9, 0.8];

/** A model with float or with quantized weights. */
export interface CodedWeights {
  readonly spec: ModelSpec;
  readonly encoder: StoredWeights;
  readonly decoder: StoredWeights;
  /** The codebook and its prior. */
  readonly codes: StoredWeights;
}

/** The networks, as the evaluation uses them. */
export interface CodedModel {
  readonly codes: CodeModel;
  /** Images, float32 [n, pixels] in [0, 1], flat, to codes [n, cells], flat. */
  readonly encode: (images: Float32Array) => Uint16Array;
  /** Codes [n, cells], flat, to the decoder's inputs, float32 [n, latentDim], flat. */
  readonly embed: (codes: Uint16Array) => Float32Array;
  /** The decoder's inputs to Bernoulli logits, float32 [n, pixels], flat. */
  readonly decode: (latents: Float32Array) => Float32Array;
  /** Digits of given classes, one a seed, as the decoder's inputs. */
  readonly draw: (digits: Uint8Array, seed: string, temperature: number) => Float32Array;
}

/** @throws SpecError, WeightsError */
export function createCodedModel({ spec, ...weights }: CodedWeights): CodedModel {
  const kernels = loadDecodeKernels();
  const codes = createCodeModel(kernels, spec, weights.codes);
  const encoder = createNetwork(kernels, planEncoder(spec), weights.encoder, BATCH);
  const decoder = createDecoder(kernels, spec, weights.decoder, { maxBatch: BATCH });
  const sampler = createCodeSampler(codes);
  const cells = codes.rows * codes.columns;
  const sideBySide = (count: number, latentOf: (i: number) => Float32Array) => {
    const latents = new Float32Array(count * spec.latentDim);
    for (let i = 0; i < count; i++) latents.set(latentOf(i), i * spec.latentDim);
    return latents;
  };
  return {
    codes,
    encode: (images) => codes.quantize(runNetwork(encoder, images)),
    embed: (grids) =>
      sideBySide(grids.length / cells, (i) => codes.embed(grids.subarray(i * cells, (i + 1) * cells))),
    decode: decoder.logits,
    draw: (digits, seed, temperature) =>
      sideBySide(
        digits.length,
        (i) => sampler.draw(`${seed}/${i}`, { digit: digits[i]!, temperature }).latent,
      ),
  };
}

/**
 * All figures of one set of weights.
 * @param seed  of what is drawn
 * @param onProgress  told what is being done
 */
export async function evaluateCodes(
  weights: CodedWeights,
  { test, images, judge }: TestSet,
  seed: string,
  onProgress: (task: string) => void = () => {},
): Promise<ModelMetrics> {
  const model = createCodedModel(weights);
  onProgress("its codes");
  const codes = model.encode(images);
  const reconstructions = model.decode(model.embed(codes));
  onProgress("what its codes cost");
  const loss = lossOf(weights.spec, model, { images, labels: test.labels, codes, reconstructions });
  const counts = new Float64Array(weights.spec.codes!.codebook.size);
  for (const code of codes) counts[code]! += 1;
  const used = counts.filter((n) => n > 0).length;
  const pixels = size(weights.spec.input);
  const failure = findCodeFailure({ loss, used, size: counts.length, pixels });
  return {
    loss,
    ...(failure && { failure: failure.message }),
    codes: {
      bits: loss.kl / Math.LN2,
      size: counts.length,
      used,
      perplexity: perplexityOf(counts),
    },
    ...(judge && { draws: await judgeDraws(judge) }),
  };

  async function judgeDraws(judge: Judge): Promise<ModelMetrics["draws"]> {
    const drawn = (temperature: number) => {
      onProgress(`what its prior draws at temperature ${temperature}`);
      return judge(pixelsOf(model.decode(model.draw(test.labels, seed, temperature))), test.labels);
    };
    onProgress("its reconstructions");
    const ofReconstructions = await judge(pixelsOf(reconstructions), test.labels);
    const prior = await drawn(1);
    const cooler = [];
    for (const temperature of COOLER) cooler.push({ temperature, judgement: await drawn(temperature) });
    return { reconstructions: ofReconstructions, prior, cooler };
  }
}

/** Nats per image; the KL is -log p(codes | digit) under the prior. */
function lossOf(
  spec: ModelSpec,
  { codes: { nats, rows, columns } }: CodedModel,
  seen: {
    readonly images: Float32Array;
    readonly labels: Uint8Array;
    readonly codes: Uint16Array;
    /** Logits. */
    readonly reconstructions: Float32Array;
  },
): ModelMetrics["loss"] {
  const [pixels, cells] = [size(spec.input), rows * columns];
  let [reconstruction, kl] = [0, 0];
  seen.labels.forEach((label, i) => {
    const from = i * pixels;
    reconstruction += bernoulliNll(seen.reconstructions.subarray(from, from + pixels), seen.images, from);
    kl += nats(seen.codes.subarray(i * cells, (i + 1) * cells), label);
  });
  reconstruction /= seen.labels.length;
  kl /= seen.labels.length;
  return { reconstruction, kl, total: reconstruction + kl };
}

function pixelsOf(logits: Float32Array): Float32Array {
  return logits.map((logit) => 1 / (1 + Math.exp(-logit)));
}
