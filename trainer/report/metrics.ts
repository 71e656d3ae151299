// The evaluation of a run as tables: the bound and the latent space, and what it draws before the classifier.

import * as Plot from "@observablehq/plot";
import { latentDim } from "../../shared/latent/kind.ts";
import {
  bitsOf,
  describeImages,
  type Evaluation,
  evaluateCommandOf,
  type Judgement,
  type ModelMetrics,
} from "../evaluate/evaluation.ts";
import { kindOf } from "../latent/kind.ts";
import { plot } from "../train/plot.ts";
import { grouped, percent } from "./format.ts";
import { type Content, type Html, html, raw } from "./html.ts";
import type { ReportedRun } from "./reported-run.ts";

/** Share at the top of the bars, so that sets of alike shares look alike. */
const BARS_TOP = 0.2;
const KINDS = ["float", "quantized"] as const;

/** Tables and a plot of what `evaluation.json` holds; where there is none, the command that makes it. */
export function metricsSection(run: ReportedRun): Html {
  const { evaluation, folder, config } = run;
  if (!evaluation) {
    return html`<p class="missing">Its present weights are not evaluated yet. <code>${evaluateCommandOf(folder)}</code> measures the run on
      its validation images and writes <code>${folder}/evaluation.json</code>; then make this report again.</p>`;
  }
  const kinds = KINDS.filter((kind) => evaluation[kind]);
  const failures = kinds.flatMap((kind) => {
    const failure = evaluation[kind]?.failure;
    return failure === undefined ? [] : [html`<p class="failure"><b>${kind}:</b> ${failure}</p>`];
  });
  const sets = drawnSets(evaluation, kindOf(config.spec).report.words.prior);
  return html`
    ${failures}
    <div class="wide"><table>
      <caption>On ${describeImages(evaluation)} of ${evaluation.data}</caption>
      <thead><tr><th></th>${kinds.map((kind) => html`<th scope="col">${kind}</th>`)}</tr></thead>
      <tbody>${modelRows(
        latentDim(config.spec),
        kinds.map((kind) => evaluation[kind]!),
      )}</tbody>
    </table></div>
    ${sets.length > 0 && drawnTable(sets, evaluation)}`;
}

/** One row per figure of a model; a row that no model has is left out. */
function modelRows(latentDim: number, models: readonly ModelMetrics[]): Html[] {
  const rows: [Content, (metrics: ModelMetrics) => string | undefined][] = [
    ["Negative ELBO, nats", ({ loss }) => loss.total.toFixed(2)],
    ["\u2003Reconstruction", ({ loss }) => loss.reconstruction.toFixed(2)],
    ["\u2003KL", ({ loss }) => loss.kl.toFixed(2)],
    ["Negative ELBO given the digit, nats", ({ lossGivenDigit }) => lossGivenDigit?.total.toFixed(2)],
    ["Importance-weighted bound, nats", ({ bound }) => bound && describeBound(bound)],
    ["Active units", ({ activeUnits }) => withUnit(activeUnits, (n) => `${n} of ${latentDim}`)],
    ["10-NN class accuracy of the means", ({ knnAccuracy }) => withUnit(knnAccuracy, percent)],
    ["Codes, bits given the digit", (metrics) => bitsOf(metrics)?.toFixed(1)],
    ["Codes in use", ({ codes }) => codes && `${codes.used} of ${codes.size}`],
    ["Perplexity of the codes", ({ codes }) => codes?.perplexity.toFixed(1)],
  ];
  return rows
    .map(([title, read]) => ({ title, cells: models.map(read) }))
    .filter(({ cells }) => cells.some((cell) => cell !== undefined))
    .map(
      ({ title, cells }) =>
        html`<tr><th scope="row">${title}</th>${cells.map((cell) => html`<td>${cell ?? "\u2013"}</td>`)}</tr>`,
    );
}

function withUnit(value: number | undefined, format: (value: number) => string): string | undefined {
  return value === undefined ? undefined : format(value);
}

function describeBound({ nats, samples, isNll }: NonNullable<ModelMetrics["bound"]>): string {
  return `${nats.toFixed(2)} (${isNll ? "NLL, " : ""}${grouped(samples)} samples)`;
}

interface DrawnSet {
  readonly name: string;
  readonly judgement: Judgement;
}

/** All sets that the classifier scored: those paired with the evaluated images first, then the floor of the others. */
function drawnSets({ on, floor, float, quantized }: Evaluation, prior: string): DrawnSet[] {
  const paired = (kind: string, metrics: ModelMetrics | undefined): DrawnSet[] =>
    metrics?.draws
      ? [{ name: `Reconstructed ${on} images, ${kind}`, judgement: metrics.draws.reconstructions }]
      : [];
  const ofModel = (kind: string, metrics: ModelMetrics | undefined): DrawnSet[] =>
    metrics?.draws
      ? [
          {
            name: `Reconstructed training images, ${kind}`,
            judgement: metrics.draws.trainingReconstructions,
          },
          ...(metrics.draws.mixture ? [{ name: `Mixture, ${kind}`, judgement: metrics.draws.mixture }] : []),
          {
            name: `${prior}, ${kind}`,
            judgement: metrics.draws.prior,
          },
          ...(metrics.draws.cooler ?? []).map(({ temperature, judgement }) => ({
            name: `Prior at temperature ${temperature}, ${kind}`,
            judgement,
          })),
        ]
      : [];
  return [
    ...paired("float", float),
    ...paired("quantized", quantized),
    ...(floor ? [{ name: "Training images", judgement: floor }] : []),
    ...ofModel("float", float),
    ...ofModel("quantized", quantized),
  ];
}

function drawnTable(sets: readonly DrawnSet[], { on }: Evaluation): Html {
  return html`
    <div class="wide"><table>
      <caption>What it draws, beside the ${on} images in the features of the digit classifier</caption>
      <thead><tr><th></th><th scope="col">Images</th><th scope="col">Fréchet distance</th><th scope="col">Precision</th>
        <th scope="col">Recall</th><th scope="col">Sharpness</th><th scope="col">Recognised</th><th scope="col">Taken for 0 to 9</th></tr></thead>
      <tbody>${sets.map(
        ({ name, judgement: j }) => html`<tr><th scope="row">${name}</th><td>${grouped(j.images)}</td>
          <td>${j.frechet.toFixed(3)}</td><td>${j.precision.toFixed(3)}</td><td>${j.recall.toFixed(3)}</td>
          <td>${j.sharpness?.toFixed(2) ?? "\u2013"}</td><td>${j.classAccuracy === undefined ? "\u2013" : percent(j.classAccuracy)}</td><td>${raw(plotCounts(j))}</td></tr>`,
      )}</tbody>
    </table></div>
    <p class="note">Lower distances and higher shares are better. Reconstructed ${on} images are compared with the same images, so a
      perfect model reaches 0 there; everything else is independent of them, and as good as can be where it equals the training images.
      Sharpness is the variance of the Laplacian beside that of the ${on} images. The bars are the images that the classifier takes for each digit,
      the line is a tenth.</p>`;
}

/** Shares of the ten digits, small enough for a table. */
function plotCounts({ classCounts, images }: Judgement): string {
  const bars = classCounts.map((count, digit) => ({ digit, share: count / images }));
  return plot({
    width: 150,
    height: 32,
    margin: 1,
    ariaLabel: `Images taken for 0 to 9: ${classCounts.join(", ")}`,
    x: { axis: null },
    y: { axis: null, domain: [0, Math.max(BARS_TOP, ...bars.map(({ share }) => share))] },
    marks: [
      Plot.barY(bars, { x: "digit", y: "share", fill: "var(--accent)", inset: 0.5 }),
      Plot.ruleY([1 / classCounts.length], { stroke: "var(--ink)", strokeOpacity: 0.6 }),
    ],
  });
}
