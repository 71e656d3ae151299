// The cost of quantization: the same validation images through the serving engine, with float and with quantized weights.
// The gate that a release must pass.

import * as v from "valibot";
import { createGenerator, sampleNormal } from "../../shared/arithmetic/random.ts";
import { createDecoder } from "../../shared/decoder/decoder.ts";
import { createEncoder } from "../../shared/decoder/encoder.ts";
import { pixelsFromLogits } from "../../shared/decoder/reference.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import { outputActivation } from "../../shared/model/plan.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import type { Weights } from "../../shared/model/weights.ts";
import type { Card, Loss } from "../../shared/release/release.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import type { LabelledImages } from "../data/batch.ts";
import { GateError } from "../errors.ts";
import { kindOf } from "../latent/kind.ts";
import type { Passage } from "../latent/latent-kind.ts";
import type { Likelihood } from "../model/likelihood.ts";
import { objectiveOf } from "../objectives/objectives.ts";
import { trainingFields } from "../train/config.ts";

/** Limits of a release. */
export const GATE = {
  /** Rise of the validation loss, nats per image. */
  lossRise: 0.1,
  /** Mean and 99.9th percentile of the pixel error, in units of 1/255. */
  meanPixelError: 0.3,
  p999PixelError: 8,
  /** Root mean square, in deviations of the latents, by which a flow's rounded weights move what it draws. */
  latentShift: 0.05,
  /**
   * Rise of the validation loss above the live version's, nats per image: twice the standard error of the difference
   * between two splits of 6,000 images.
   */
  lossAboveLive: 1,
} as const;

/** One model's weights. */
export interface Networks {
  readonly encoder: Weights;
  readonly decoder: Weights;
  /** Between the two. */
  readonly passage: Passage;
}

/**
 * Losses of both models and the pixel error of the quantized decoder.
 * @param seed  of the noise, the same for both models
 * @param nllOf  see Likelihood
 * @param onImage  called with the number of images done
 */
export function measureQuantization(
  spec: ModelSpec,
  float: Networks,
  quantized: Networks,
  { images, labels }: LabelledImages,
  { seed, nllOf }: { readonly seed: string; readonly nllOf: Likelihood["nllOf"] },
  onImage: (done: number) => void = () => {},
): Card["metrics"] {
  const kernels = loadDecodeKernels();
  const activation = outputActivation(spec);
  const engineOf = ({ encoder, decoder, passage }: Networks) => ({
    encode: createEncoder(kernels, spec, encoder).encode,
    pass: passage,
    decode: createDecoder(kernels, spec, decoder).logits,
  });
  const engines = { float: engineOf(float), quantized: engineOf(quantized) };
  const pixels = spec.input[0] * spec.input[1] * spec.input[2];
  const count = labels.length;
  const sums = { float: { reconstruction: 0, kl: 0 }, quantized: { reconstruction: 0, kl: 0 } };
  const errors = new Uint32Array(256);
  const next = createGenerator(seed);
  for (let i = 0; i < count; i++) {
    const image = images.subarray(i * pixels, (i + 1) * pixels);
    const noise = sampleNormal(next, new Float32Array(latentDim(spec)));
    const run = (name: "float" | "quantized") => {
      const [{ encode, pass, decode }, sum] = [engines[name], sums[name]];
      const { z, kl } = pass(encode(image), noise, labels[i]!);
      const logits = decode(z);
      sum.kl += kl;
      sum.reconstruction += nllOf(logits, image);
      return { z, logits };
    };
    const { z, logits } = run("float");
    run("quantized");
    const expected = pixelsFromLogits(logits, activation);
    const found = pixelsFromLogits(engines.quantized.decode(z), activation);
    for (let p = 0; p < pixels; p++) errors[Math.abs(expected[p]! - found[p]!)]! += 1;
    onImage(i + 1);
  }
  const mean = ({ reconstruction, kl }: { reconstruction: number; kl: number }): Loss => ({
    reconstruction: reconstruction / count,
    kl: kl / count,
    total: (reconstruction + kl) / count,
  });
  return {
    validationImages: count,
    float: mean(sums.float),
    quantized: mean(sums.quantized),
    pixelError: summarize(errors),
  };
}

/**
 * Refuses a release whose quantization costs too much.
 * @throws GateError listing every exceeded limit
 */
export function checkGate({ float, quantized, pixelError, latentShift = 0 }: Card["metrics"]): void {
  const checks = [
    ["validation loss rises by", quantized.total - float.total, GATE.lossRise, "nat"],
    ["mean pixel error is", pixelError.mean, GATE.meanPixelError, "/255"],
    ["99.9th percentile of pixel error is", pixelError.p999, GATE.p999PixelError, "/255"],
    ["drawn latents move by", latentShift, GATE.latentShift, "deviations"],
  ] as const;
  const broken = checks.filter(([, found, limit]) => !(found <= limit));
  if (broken.length > 0) {
    const list = broken.map(
      ([what, found, limit, unit]) => `${what} ${found.toFixed(3)} ${unit}, at most ${limit} allowed`,
    );
    throw new GateError(`quantization costs too much, nothing was published: ${list.join("; ")}`);
  }
}

/**
 * Refuses a release that is worse than the one that it would replace.
 * @param live  card of the model's stable version
 * @throws GateError, also if their losses cannot be compared: the two were trained on different data, only one of them on
 *   binarised images or with noise, by different likelihoods, or only one of them has codes, whose loss is given the digit
 */
export function checkAgainstLive(card: Card, live: Card): void {
  const filesOf = ({ data }: Card) => JSON.stringify(Object.entries(data.files).sort());
  if (filesOf(card) !== filesOf(live)) {
    throw new GateError(
      `trained on ${card.data.name}, the live version on ${live.data.name} in other files: losses do not compare`,
    );
  }
  for (const describe of [pixelsOf, latentOf]) {
    if (describe(card) === describe(live)) continue;
    throw new GateError(
      `trained ${describe(card)}, the live version ${describe(live)}: losses in nats do not compare`,
    );
  }
  const [found, present] = [card.metrics.quantized.total, live.metrics.quantized.total];
  if (!(found - present <= GATE.lossAboveLive)) {
    throw new GateError(
      `validation loss is ${found.toFixed(2)} nats, the live version's ${present.toFixed(2)}; ` +
        `at most ${GATE.lossAboveLive} more is allowed`,
    );
  }
}

function pixelsOf({ training: { binarise, likelihood = "bernoulli" } }: Card): string {
  if (binarise === true) return "on binarised images";
  return likelihood === "bernoulli" ? "on grey images" : `on grey images with --likelihood ${likelihood}`;
}

function latentOf({ spec, training }: Card): string {
  const objective = v.parse(trainingFields.objective, training.objective);
  return `${kindOf(spec).described}${objectiveOf({ objective }).isDeterministic ? " and without noise" : ""}`;
}

/** Mean, 99.9th percentile and maximum of a histogram of errors. */
function summarize(histogram: Uint32Array): Card["metrics"]["pixelError"] {
  const total = histogram.reduce((sum, n) => sum + n, 0);
  const mean = histogram.reduce((sum, n, error) => sum + n * error, 0) / total;
  let below = 0;
  const p999 = histogram.findIndex((n) => {
    below += n;
    return below >= 0.999 * total;
  });
  return { mean, p999, max: histogram.findLastIndex((n) => n > 0) };
}
