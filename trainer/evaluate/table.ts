// An evaluation as text for a terminal.

import { latentDim } from "../../shared/latent/kind.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { kindOf } from "../latent/kind.ts";
import { formatLoss } from "../train/progress.ts";
import { bitsOf, describeImages, type Evaluation, type Judgement, type ModelMetrics } from "./evaluation.ts";

/** @param folder  of the run or the release */
export function formatEvaluation(folder: string, spec: ModelSpec, evaluation: Evaluation): string {
  const lines = [`${folder}, ${describeImages(evaluation)} of ${evaluation.data}`];
  for (const weights of ["float", "quantized"] as const) {
    const metrics = evaluation[weights];
    if (!metrics) continue;
    lines.push("", `${weights} weights`, ...formatMetrics(metrics, latentDim(spec)));
    if (metrics.draws && evaluation.floor) {
      lines.push(...formatDraws(spec, metrics.draws, evaluation.floor, evaluation.on));
    }
  }
  return lines.join("\n");
}

function formatMetrics(metrics: ModelMetrics, latentDim: number): string[] {
  const { loss, lossGivenDigit, bound, activeUnits, knnAccuracy, codes, failure } = metrics;
  const bits = bitsOf(metrics);
  const rows: (readonly [name: string, text: string] | false | undefined)[] = [
    ["loss", formatLoss(loss)],
    lossGivenDigit && ["loss, given digit", formatLoss(lossGivenDigit)],
    bound && [`${bound.isNll ? "NLL" : "bound"}, ${bound.samples} samples`, `${bound.nats.toFixed(2)} nats`],
    activeUnits !== undefined && ["active units", `${activeUnits} of ${latentDim}`],
    knnAccuracy !== undefined && ["k-NN of the means", percent(knnAccuracy)],
    bits !== undefined && ["codes", `${bits.toFixed(1)} bits per image, given the digit`],
    codes && ["codes in use", `${codes.used} of ${codes.size}, perplexity ${codes.perplexity.toFixed(1)}`],
    failure !== undefined && ["failure", failure],
  ];
  return rows.flatMap((row) => (row ? [`  ${row[0].padEnd(20)} ${row[1]}`] : []));
}

/** Each set below the one that it compares with: the evaluated images themselves, or independent images. */
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

function formatRow(name: string, judgement: Judgement): string {
  const { frechet, precision, recall, sharpness, classAccuracy } = judgement;
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
