// Evaluates a model with codes: what its two stages cost, how it uses its codebook, and what it draws. A discrete latent has
// no posterior to sample, so no importance-weighted bound, no active units, no means.

import { createDecoder } from "../../../shared/decoder/decoder.ts";
import { createNetwork } from "../../../shared/decoder/network.ts";
import { type CodeModel, createCodeModel } from "../../../shared/latent/codes/code-model.ts";
import { codeGrid } from "../../../shared/latent/codes/grid.ts";
import { planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { createCodeSampler } from "../../../shared/latent/sampler.ts";
import { planEncoder } from "../../../shared/model/plan.ts";
import { type ModelSpec, size } from "../../../shared/model/spec.ts";
import { dequantize, type StoredWeights, storedTensor } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import type { ModelMetrics } from "../../evaluate/evaluation.ts";
import { type Baseline, type EvaluationSet, SEED } from "../../evaluate/evaluation-set.ts";
import { findCodeFailure } from "../../evaluate/failure.ts";
import { bernoulliNll } from "../../math/bernoulli.ts";
import { runNetwork } from "../../math/run-network.ts";
import { logSumExp } from "../gaussian/bound.ts";
import { perplexityOf } from "./bottleneck.ts";

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
  /** Of the digits, [digits]. */
  readonly shares: Float32Array;
  /** Images, float32 [n, pixels] in [0, 1], flat, to codes [n, cells], flat. */
  readonly encode: (images: Float32Array) => Uint16Array;
  /** Codes [n, cells], flat, to the decoder's inputs, float32 [n, latentDim], flat. */
  readonly embed: (codes: Uint16Array) => Float32Array;
  /** The decoder's inputs to Bernoulli logits, float32 [n, pixels], flat. */
  readonly decode: (latents: Float32Array) => Float32Array;
  /** Digits of given classes, each by a seed of its own, as the decoder's inputs. */
  readonly draw: (digits: Uint8Array, temperature: number) => Float32Array;
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
    const latents = new Float32Array(count * latentDim(spec));
    for (let i = 0; i < count; i++) latents.set(latentOf(i), i * latentDim(spec));
    return latents;
  };
  return {
    codes,
    shares: dequantize(storedTensor(weights.codes, planPrior(spec).digits)),
    encode: (images) => codes.quantize(runNetwork(encoder, images)),
    embed: (grids) =>
      sideBySide(grids.length / cells, (i) => codes.embed(grids.subarray(i * cells, (i + 1) * cells))),
    decode: decoder.logits,
    draw: (digits, temperature) =>
      sideBySide(
        digits.length,
        (i) => sampler.draw(`${SEED}/${i}`, { digit: digits[i]!, temperature }).latent,
      ),
  };
}

/**
 * All figures of one set of weights.
 * @param onProgress  called with what is being done
 */
export async function evaluateCodes(
  weights: CodedWeights,
  { images, labels, baseline }: EvaluationSet,
  onProgress: (task: string) => void = () => {},
): Promise<ModelMetrics> {
  const model = createCodedModel(weights);
  onProgress("its codes");
  const codes = model.encode(images);
  const reconstructions = model.decode(model.embed(codes));
  const losses = lossesOf(weights.spec, model, { images, labels, codes, reconstructions }, onProgress);
  const counts = new Float64Array(codeGrid(weights.spec).size);
  for (const code of codes) counts[code]! += 1;
  const used = counts.filter((n) => n > 0).length;
  const pixels = size(weights.spec.input);
  const failure = findCodeFailure({ loss: losses.loss, used, size: counts.length, pixels });
  return {
    ...losses,
    ...(failure && { failure: failure.message }),
    codes: { size: counts.length, used, perplexity: perplexityOf(counts) },
    ...(baseline && { draws: await judgeDraws(baseline) }),
  };

  async function judgeDraws({ judge, others }: Baseline): Promise<ModelMetrics["draws"]> {
    const drawn = (temperature: number) => {
      onProgress(`what its prior draws at temperature ${temperature}`);
      return judge(pixelsOf(model.decode(model.draw(labels, temperature))), labels);
    };
    onProgress("its reconstructions");
    const ofEvaluated = await judge(pixelsOf(reconstructions), labels);
    const ofOthers = model.decode(model.embed(model.encode(others.images)));
    const trainingReconstructions = await judge(pixelsOf(ofOthers), others.labels);
    const prior = await drawn(1);
    const cooler = [];
    for (const temperature of COOLER) cooler.push({ temperature, judgement: await drawn(temperature) });
    return { reconstructions: ofEvaluated, trainingReconstructions, prior, cooler };
  }
}

/** Nats per image, with -log p(codes) and with -log p(codes | digit) for the KL. */
function lossesOf(
  spec: ModelSpec,
  { codes: { nats, rows, columns }, shares }: CodedModel,
  seen: {
    readonly images: Float32Array;
    readonly labels: Uint8Array;
    readonly codes: Uint16Array;
    /** Logits. */
    readonly reconstructions: Float32Array;
  },
  onProgress: (task: string) => void,
): Pick<ModelMetrics, "loss" | "lossGivenDigit"> {
  const [pixels, cells, count] = [size(spec.input), rows * columns, seen.labels.length];
  let [reconstruction, kl, klGivenDigit] = [0, 0, 0];
  seen.labels.forEach((label, i) => {
    if (i % 100 === 0) onProgress(`what its codes cost, image ${i} of ${count}`);
    const from = i * pixels;
    reconstruction +=
      bernoulliNll(seen.reconstructions.subarray(from, from + pixels), seen.images, from) / count;
    const codes = seen.codes.subarray(i * cells, (i + 1) * cells);
    const byDigit = Float64Array.from(shares, (_, digit) => nats(codes, digit));
    kl -= logSumExp(byDigit.map((cost, digit) => Math.log(shares[digit]!) - cost)) / count;
    klGivenDigit += byDigit[label]! / count;
  });
  return {
    loss: { reconstruction, kl, total: reconstruction + kl },
    lossGivenDigit: { reconstruction, kl: klGivenDigit, total: reconstruction + klGivenDigit },
  };
}

function pixelsOf(logits: Float32Array): Float32Array {
  return logits.map((logit) => 1 / (1 + Math.exp(-logit)));
}
