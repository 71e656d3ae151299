// An evaluation as text for a terminal.

import { latentDim } from "../../shared/latent/kind.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { kindOf } from "../latent/kind.ts";
import { formatLoss } from "../train/progress.ts";
import { bitsOf, describeImages, type Evaluation, type Judgement, type ModelMetrics } from "./evaluation.ts";

/** @param folder  of the run or the release */
export function formatEvaluation(folder: string, spec: ModelSpec, evaluation: Evaluation): string {
  const { data, on, floor, float, quantized } = evaluation;
  const lines = [`${folder}, ${describeImages(evaluation)} of ${data}`];
  for (const [name, metrics] of [
    ["float weights", float],
    ["quantized weights", quantized],
  ] as const) {
    if (!metrics) continue;
    lines.push("", name, ...formatMetrics(metrics, latentDim(spec)));
    if (metrics.draws && floor) lines.push(...formatDraws(spec, metrics.draws, floor, on));
  }
  return lines.join("\n");
}

function formatMetrics(metrics: ModelMetrics, latentDim: number): string[] {
  const { loss, lossGivenDigit, bound, activeUnits, knnAccuracy, codes, failure } = metrics;
  const rows: [string, string][] = [["loss", formatLoss(loss)]];
  if (lossGivenDigit) rows.push(["loss, given digit", formatLoss(lossGivenDigit)]);
  if (bound) {
    rows.push([
      `${bound.isNll ? "NLL" : "bound"}, ${bound.samples} samples`,
      `${bound.nats.toFixed(2)} nats`,
    ]);
  }
  if (activeUnits !== undefined) rows.push(["active units", `${activeUnits} of ${latentDim}`]);
  if (knnAccuracy !== undefined) rows.push(["k-NN of the means", percent(knnAccuracy)]);
  const bits = bitsOf(metrics);
  if (bits !== undefined) rows.push(["codes", `${bits.toFixed(1)} bits per image, given the digit`]);
  if (codes) {
    rows.push(["codes in use", `${codes.used} of ${codes.size}, perplexity ${codes.perplexity.toFixed(1)}`]);
  }
  if (failure) rows.push(["failure", failure]);
  return rows.map(([name, text]) => `  ${name.padEnd(20)} ${text}`);
}

/** Each set below the floor that it compares with: its own images, or images that have nothing to do with them. */
function formatDraws(
  spec: ModelSpec,
  draws: NonNullable<ModelMetrics["draws"]>,
  floor: Judgement,
  on: Evaluation["on"],
): string[] {
  return [
    "                           Fréchet  precision  recall  sharpness  class accuracy",
    formatRow(`${on}, reconstructed`, draws.reconstructions),
    formatRow("training images", floor),
    formatRow("training, reconstr.", draws.trainingReconstructions),
    formatRow(kindOf(spec).report.words.priorRow, draws.prior),
    ...(draws.cooler ?? []).map(({ temperature, judgement }) =>
      formatRow(`prior, temp. ${temperature}`, judgement),
    ),
    ...(draws.mixture ? [formatRow("mixture, digit=", draws.mixture)] : []),
  ];
}

function formatRow(
  name: string,
  { frechet, precision, recall, sharpness, classAccuracy }: Judgement,
): string {
  return (
    `  ${name.padEnd(26)}` +
    frechet.toFixed(3).padStart(6) +
    precision.toFixed(3).padStart(11) +
    recall.toFixed(3).padStart(8) +
    (sharpness?.toFixed(2) ?? "").padStart(11) +
    (classAccuracy === undefined ? "" : percent(classAccuracy).padStart(16))
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
