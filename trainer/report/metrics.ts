// The evaluation of a run as tables: its bound and its latent space, and how the classifier scores what it generates.

import * as Plot from "@observablehq/plot";
import { html, raw } from "hono/html";
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
import { grouped, type Html, percent } from "./elements.ts";
import type { ReportedRun } from "./reported-run.ts";

/** Share at the top of the bars, so that sets of similar shares look similar. */
const BARS_TOP = 0.2;

/** What `evaluation.json` holds; without one, the command that makes it. */
export function metricsSection({ evaluation, folder, config: { spec } }: ReportedRun): Html {
  if (!evaluation) {
    return html`<p class="missing">The current weights have not been evaluated. <code>${evaluateCommandOf(folder)}</code> measures them
      on the run\u2019s validation images and writes <code>${folder}/evaluation.json</code>; then make this report again.</p>`;
  }
  const models = (["float", "quantized"] as const).flatMap((weights) => {
    const metrics = evaluation[weights];
    return metrics ? [{ weights, metrics }] : [];
  });
  const { report } = kindOf(spec);
  const sets = scoredSets(models, evaluation, report.words.prior);
  return html`
    ${models.map(
      ({ weights, metrics: { failure } }) =>
        failure !== undefined && html`<p class="failure"><b>${weights}:</b> ${failure}</p>`,
    )}
    <div class="wide"><table>
      <caption>On ${describeImages(evaluation)} of ${evaluation.data}</caption>
      <thead><tr><th></th>${models.map(({ weights }) => html`<th scope="col">${weights}</th>`)}</tr></thead>
      <tbody>${figures(latentDim(spec)).map(([title, read]) => {
        const cells = models.map(({ metrics }) => read(metrics));
        return (
          cells.some((cell) => cell !== undefined) &&
          html`<tr><th scope="row">${title}</th>${cells.map((cell) => html`<td>${cell ?? "\u2013"}</td>`)}</tr>`
        );
      })}</tbody>
    </table></div>
    ${sets.length > 0 && scoreTable(sets, evaluation)}`;
}

type Figure = readonly [title: string, read: (metrics: ModelMetrics) => string | undefined];

function figures(dim: number): readonly Figure[] {
  return [
    ["Negative ELBO, nats", ({ loss }) => loss.total.toFixed(2)],
    ["\u2003Reconstruction", ({ loss }) => loss.reconstruction.toFixed(2)],
    ["\u2003KL", ({ loss }) => loss.kl.toFixed(2)],
    ["Negative ELBO given the digit, nats", ({ lossGivenDigit }) => lossGivenDigit?.total.toFixed(2)],
    ["Importance-weighted bound, nats", ({ bound }) => bound && describeBound(bound)],
    ["Active units", ({ activeUnits: n }) => (n === undefined ? n : `${n} of ${dim}`)],
    [
      "10-NN class accuracy of the means",
      ({ knnAccuracy: share }) => (share === undefined ? share : percent(share)),
    ],
    ["Codes, bits given the digit", (metrics) => bitsOf(metrics)?.toFixed(1)],
    ["Codes in use", ({ codes }) => codes && `${codes.used} of ${codes.size}`],
    ["Perplexity of the codes", ({ codes }) => codes?.perplexity.toFixed(1)],
  ];
}

function describeBound({ nats, samples, isNll }: NonNullable<ModelMetrics["bound"]>): string {
  return `${nats.toFixed(2)} (${isNll ? "NLL, " : ""}${grouped(samples)} samples)`;
}

type ScoredSet = readonly [name: string, judgement: Judgement];

/** All sets that the classifier scored: those paired with the evaluated images first, then the independent ones. */
function scoredSets(
  models: readonly { readonly weights: string; readonly metrics: ModelMetrics }[],
  { on, floor }: Evaluation,
  prior: string,
): readonly ScoredSet[] {
  const scored = models.flatMap(({ weights, metrics: { draws } }) => (draws ? [{ weights, draws }] : []));
  return [
    ...scored.map(
      ({ weights, draws }): ScoredSet => [`Reconstructed ${on} images, ${weights}`, draws.reconstructions],
    ),
    ...(floor ? [["Training images", floor] as const] : []),
    ...scored.flatMap(({ weights, draws }): ScoredSet[] => [
      [`Reconstructed training images, ${weights}`, draws.trainingReconstructions],
      ...(draws.mixture ? [[`Mixture, ${weights}`, draws.mixture] as const] : []),
      [`${prior}, ${weights}`, draws.prior],
      ...(draws.cooler ?? []).map(
        ({ temperature, judgement }) =>
          [`Prior at temperature ${temperature}, ${weights}`, judgement] as const,
      ),
    ]),
  ];
}

function scoreTable(sets: readonly ScoredSet[], { on }: Evaluation): Html {
  return html`
    <div class="wide"><table>
      <caption>Generated images, compared with the ${on} images in the digit classifier\u2019s features</caption>
      <thead><tr><th></th><th scope="col">Images</th><th scope="col">Fr\u00e9chet distance</th><th scope="col">Precision</th>
        <th scope="col">Recall</th><th scope="col">Sharpness</th><th scope="col">Recognised</th><th scope="col">Classified as 0 to 9</th></tr></thead>
      <tbody>${sets.map(
        ([name, { images, frechet, precision, recall, sharpness, classAccuracy, classCounts }]) => html`<tr>
          <th scope="row">${name}</th><td>${grouped(images)}</td>
          <td>${frechet.toFixed(3)}</td><td>${precision.toFixed(3)}</td><td>${recall.toFixed(3)}</td>
          <td>${sharpness?.toFixed(2) ?? "\u2013"}</td>
          <td>${classAccuracy === undefined ? "\u2013" : percent(classAccuracy)}</td>
          <td>${raw(plotCounts(classCounts, images))}</td></tr>`,
      )}</tbody>
    </table></div>
    <p class="note">Lower distances and higher shares are better. Reconstructed ${on} images are compared with the same images, so a
      perfect model reaches 0 there; all other sets are independent of them, and at best equal the training images.
      Sharpness is the variance of the Laplacian, relative to that of the ${on} images. The bars count the images that the
      classifier assigns to each digit; the line marks a tenth.</p>`;
}

/** Shares of the ten digits, small enough for a table. */
function plotCounts(classCounts: readonly number[], images: number): string {
  const bars = classCounts.map((count, digit) => ({ digit, share: count / images }));
  return plot({
    width: 150,
    height: 32,
    margin: 1,
    ariaLabel: `Images classified as 0 to 9: ${classCounts.join(", ")}`,
    x: { axis: null },
    y: { axis: null, domain: [0, Math.max(BARS_TOP, ...bars.map(({ share }) => share))] },
    marks: [
      Plot.barY(bars, { x: "digit", y: "share", fill: "var(--accent)", inset: 0.5 }),
      Plot.ruleY([1 / classCounts.length], { stroke: "var(--ink)", strokeOpacity: 0.6 }),
    ],
  });
}
