// The evaluation of a run as tables: its figures, and how the classifier scores what it draws.

import * as Plot from "@observablehq/plot";
import { html, raw } from "hono/html";
import { describeImages, evaluateCommandOf } from "../evaluate/evaluation.ts";
import {
  evaluatedModels,
  figureRows,
  figuresOf,
  grouped,
  REALISM_COLUMNS,
  realismRows,
  SCORES,
  scoredSets,
} from "../evaluate/figures.ts";
import { plot } from "../train/plot.ts";
import { type Html, table } from "./elements.ts";
import type { ReportedRun } from "./reported-run.ts";

/** Share at the top of the bars, so that sets of similar shares look similar. */
const BARS_TOP = 0.2;

/** What `evaluation.json` holds; without one, the command that makes it. */
export function metricsSection({ evaluation, folder }: ReportedRun): Html {
  if (!evaluation) {
    return html`<p class="missing">The current weights have not been evaluated. <code>${evaluateCommandOf(folder)}</code> measures them
      on the run\u2019s validation images and writes <code>${folder}/evaluation.json</code>; then make this report again.</p>`;
  }
  const { on, data } = evaluation;
  const models = evaluatedModels(evaluation);
  const sets = scoredSets(evaluation);
  const realism = realismRows(evaluation);
  return html`
    ${models.map(
      ({ weights, metrics: { failure } }) =>
        failure !== undefined && html`<p class="failure"><b>${weights}:</b> ${failure}</p>`,
    )}
    ${table(
      `On ${describeImages(evaluation)} of ${data}`,
      models.map(({ weights }) => weights),
      figureRows(models.map(({ metrics }) => figuresOf(metrics))),
    )}
    ${
      sets.length > 0 &&
      html`${table(
        `Generated images, compared with the ${on} images in the digit classifier\u2019s features`,
        ["Images", ...SCORES.map(([title]) => title), "Classified as 0 to 9"],
        sets.map(([name, judgement]) => [
          name,
          grouped(judgement.images),
          ...SCORES.map(([, text]) => text(judgement)),
          raw(plotCounts(judgement.classCounts, judgement.images)),
        ]),
      )}
    <p class="note">Lower distances and higher shares are better. Reconstructed ${on} images are compared with the same images, so a
      perfect model reaches 0 there; all other sets are independent of them, and at best equal the training images.
      Sharpness is the variance of the Laplacian, relative to that of the ${on} images. The bars count the images that the
      classifier assigns to each digit; the line marks a tenth.</p>`
    }
    ${
      realism.length > 0 &&
      html`${table(`What gives drawn digits away, beside real ${on} images`, REALISM_COLUMNS, realism)}
    <p class="note">Good draws have the figures of real images; nearer to the training images than those, they are copies, or blurred.
      A two-sample test trains a network to tell drawn images from real ones, and shows its accuracy on images that it has not
      seen; 50 % is chance. The small network begins with a stride, the strict one looks at full resolution. In the column of
      real images, it compares them with training images.</p>`
    }`;
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
