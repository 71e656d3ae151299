// Evaluates a model with a flow: as one with a Gaussian latent, but for what it draws, and with what /encode says.

import { createDecoder, type Decoder } from "../../../shared/decoder/decoder.ts";
import type { FlowLatent } from "../../../shared/latent/flow/latent.ts";
import type { LatentChoice } from "../../../shared/latent/latent-kind.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import type { Figure } from "../../evaluate/evaluation.ts";
import { SEED } from "../../evaluate/evaluation-set.ts";
import { percent } from "../../evaluate/figures.ts";
import { evaluateGaussian } from "../gaussian/evaluate.ts";
import type { LatentKind } from "../latent-kind.ts";
import { encodeImages, logitsOf } from "../points.ts";
import { flowPrior } from "./density.ts";

export const FLOW_DRAWS = "flow";
export const READER_ACCURACY = "Digits read from latents";
const BATCH = 12;
/** Images, the first ones, whose noise is looked for. */
const ROUND_TRIPS = 500;
const CALIBRATION_BINS = 15;

export const evaluateFlow: LatentKind["evaluate"] = async (subject, set, options) => {
  const latent = subject.latent as FlowLatent;
  const measured = await evaluateGaussian(subject, set, options, { learned: flowPrior(latent) });
  const decoder = createDecoder(loadDecodeKernels(), subject.spec, subject.decoder, { maxBatch: BATCH });
  const draw = (choiceOf: (digit: number) => LatentChoice) => {
    const requests = Array.from(set.labels, (digit, i) => ({ ...choiceOf(digit), seed: `${SEED}/${i}` }));
    return logitsOf(decoder, latent.drawAll(requests));
  };
  options.onProgress?.("what it reads from images");
  const encoded = encodeImages(subject.spec, subject.encoder, latent.encode, set).map(
    (point) => point.latent,
  );
  return {
    ...measured,
    figures: [
      ...measured.figures,
      ...readerFigures(encoded.map(latent.readDigit), set.labels),
      ...roundTripFigures(encoded.slice(0, ROUND_TRIPS), latent, decoder),
    ],
    draws: [
      { name: FLOW_DRAWS, digits: set.labels, logits: () => draw((digit) => ({ digit })) },
      { name: `${FLOW_DRAWS}, digits by their shares`, logits: () => draw(() => ({})) },
    ],
  };
};

/**
 * How often the reader is right, and how far its confidence is from that: the expected calibration error over bins of equal
 * width (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
 * @param probabilities  of each digit
 */
export function readerFigures(
  probabilities: readonly (readonly number[])[],
  labels: ArrayLike<number>,
): Figure[] {
  const count = probabilities.length;
  /** Right answers less expected ones. */
  const excess = new Float64Array(CALIBRATION_BINS);
  let right = 0;
  for (const [i, row] of probabilities.entries()) {
    const confidence = Math.max(...row);
    const isRight = row.indexOf(confidence) === labels[i] ? 1 : 0;
    right += isRight;
    const bin = Math.min(CALIBRATION_BINS - 1, Math.floor(confidence * CALIBRATION_BINS));
    excess[bin]! += isRight - confidence;
  }
  const error = excess.reduce((sum, value) => sum + Math.abs(value), 0) / count;
  return [
    { name: READER_ACCURACY, value: right / count, text: percent(right / count) },
    { name: "\u2003Expected calibration error", value: error, text: percent(error) },
  ];
}

/** How far the latents and the pictures of found noise are from those that it was looked for. */
function roundTripFigures(latents: readonly Float32Array[], latent: FlowLatent, decoder: Decoder): Figure[] {
  const found = latents.map((wanted) => latent.findNoise(wanted).latent);
  const { deviation } = latent.spread;
  const errors = found.map((values, i) => {
    const squares = values.map((value, j) => ((value - latents[i]![j]!) / deviation[j]!) ** 2);
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / deviation.length);
  });
  const [median, most] = [0.5, 0.95].map((rank) => quantile(errors, rank)) as [number, number];
  const [before, after] = [decoder.images(latents), decoder.images(found)];
  const levels = before.flatMap(({ pixels }, i) =>
    Array.from(pixels, (level, j) => Math.abs(level - after[i]!.pixels[j]!)),
  );
  const level = levels.reduce((sum, difference) => sum + difference, 0) / levels.length;
  return [
    {
      name: "Noise found: error of the latent, deviations",
      value: median,
      text: `${median.toPrecision(2)} (95 % below ${most.toPrecision(2)})`,
    },
    { name: "\u2003of its picture, mean of pixels, 1/255", value: level, text: level.toFixed(2) },
  ];
}

function quantile(values: readonly number[], rank: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(rank * values.length)]!;
}
