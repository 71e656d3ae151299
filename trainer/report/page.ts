// The report as one self-contained HTML document, with its styles, plots and pictures.

import { readFile } from "node:fs/promises";
import { html, raw } from "hono/html";
import { latentDim } from "../../shared/latent/kind.ts";
import { figureOf, figuresOf, grouped } from "../evaluate/figures.ts";
import { kindOf } from "../latent/kind.ts";
import { type LossSeries, plotLosses } from "../train/curves.ts";
import { isFinished } from "../train/schedule.ts";
import { anatomySection, figuresContent } from "./anatomy.ts";
import { comparisonSection, metricsOf } from "./comparison.ts";
import { architectureOf, configurationSection, parametersOf } from "./configuration.ts";
import { courseworkModels, isComparable } from "./coursework.ts";
import { drawDigits, drawManifold, drawPrior } from "./draws.ts";
import { digitsImage, epochFigures, type Html } from "./elements.ts";
import { type RateDistortion, rateDistortionFigure } from "./figures/rate-distortion.ts";
import { plotClasses, plotLatentSpace } from "./latent-space.ts";
import { metricsSection } from "./metrics.ts";
import { pointOf } from "./rate-distortion.ts";
import type { ReportedRun } from "./reported-run.ts";

const STYLES = ["theme.css", "page.css", "print.css"];

/** Colours that theme.css gives to series; runs beyond them take hues in turn. */
const SERIES_COLOURS = 7;
const TRAINING_DASH = "2 3";
const COURSEWORK_DASH = "7 4";

interface NamedSeries extends LossSeries {
  /** In the legend; a series without it is explained in the caption. */
  readonly name?: string;
}

/**
 * @param points  of the curve of rate and distortion, shown where there are two or more
 * @returns the text of the HTML file
 */
export async function writePage(
  runs: readonly ReportedRun[],
  points: readonly RateDistortion[] = runs.map(pointOf),
): Promise<string> {
  const title = runs.map(({ name }) => name).join(", ");
  const styles = await Promise.all(STYLES.map((file) => readFile(new URL(file, import.meta.url), "utf8")));
  const isAlone = runs.length === 1;
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} \u2013 training report</title>
<style>${raw(styles.join("\n"))}</style>
</head>
<body>
<header>
  <p class="kicker">Edge Digits \u00b7 training report</p>
  <h1>${title}</h1>
  ${!isAlone && contents(runs)}
</header>
<main>
${!isAlone && [sideBySide(runs), rateDistortionArticle(points)]}
${runs.map((run, index) => runArticle(run, index, isAlone))}
${isAlone && rateDistortionArticle(points)}
</main>
</body>
</html>
`;
  return page.toString();
}

function contents(runs: readonly ReportedRun[]): Html {
  return html`<nav><a href="#side-by-side">Side by side</a>
    ${runs.map(({ name }, index) => html`<a href="#run-${index}">${name}</a>`)}</nav>`;
}

function sideBySide(runs: readonly ReportedRun[]): Html {
  const series = runs.flatMap((run, index): NamedSeries[] => {
    const colour = colourOf(index);
    return [
      { name: run.name, colour, points: lossesOn("validation", run) },
      { colour, dash: TRAINING_DASH, points: lossesOn("training", run) },
    ];
  });
  return html`<article id="side-by-side">
    <h2>Side by side</h2>
    ${sections({
      Curves: curves([...series, ...courseworkSeries(runs)], sideBySideCaption(runs)),
      Comparison: comparisonSection(runs),
    })}
  </article>`;
}

function rateDistortionArticle(points: readonly RateDistortion[]): Html | undefined {
  if (points.length < 2) return undefined;
  const content = figuresContent([rateDistortionFigure(points)]);
  return html`<article id="rate-and-distortion">${sections({ "Rate and distortion": content })}</article>`;
}

function lossesOn(on: "training" | "validation", { config, history, stages }: ReportedRun) {
  return kindOf(config.spec).lossesOn(on, history, stages);
}

function sideBySideCaption(runs: readonly ReportedRun[]): string {
  const lines = "Full lines are validation, dotted ones training.";
  const given = runs.filter(({ config }) => kindOf(config.spec).report.isGivenDigit).map(({ name }) => name);
  if (given.length === 0) return lines;
  return `${lines} The KL of ${given.join(", ")} is given the digit, so it does not compare with the others\u2019.`;
}

function runArticle(run: ReportedRun, index: number, isAlone: boolean): Html {
  const { name, config, history } = run;
  return html`<article id="run-${index}">
    ${!isAlone && html`<h2>${name}</h2>`}
    <p class="lead">${architectureOf(config)}</p>
    ${history.length < config.epochs && html`<p class="note">${describeEnd(run)}</p>`}
    ${keyFigures(run)}
    ${sections({
      Configuration: configurationSection(run),
      Curves: runCurves(run),
      "Over the epochs": epochsContent(run),
      "Latent space": latentContent(run),
      Digits: digitsContent(run),
      Anatomy: anatomySection(run),
      Metrics: metricsSection(run),
      ...(isAlone && { "Compared with the coursework": comparisonSection([run]) }),
    })}
  </article>`;
}

function sections(contents: Readonly<Record<string, Html>>): Html[] {
  return Object.entries(contents).map(
    ([title, content]) => html`<section><h3>${title}</h3>${content}</section>`,
  );
}

/** Why a run has fewer epochs than it was asked for. */
function describeEnd({ config, history, final }: ReportedRun): string {
  return isFinished(config, history)
    ? `Stopped early after ${history.length} of ${config.epochs} epochs; the best, ${final.epoch}, is kept.`
    : `Not finished: ${history.length} of ${config.epochs} epochs.`;
}

function keyFigures({ validation, config, evaluation }: ReportedRun): Html {
  const { report } = kindOf(config.spec);
  const { all, decoder } = parametersOf(config);
  const metrics = evaluation && metricsOf(evaluation);
  const drawn = metrics?.draws?.[report.byClass];
  const measured = [
    ...report.keyFigures.map((name) => [name, metrics && figureOf(figuresOf(metrics), name)?.text]),
    [`Fr\u00e9chet, ${report.byClass}`, drawn?.frechet.toFixed(2)],
  ].filter(([, text]) => text !== undefined);
  const figures = [
    [report.words.loss, validation.total.toFixed(2), "nats per image"],
    ["reconstruction", validation.reconstruction.toFixed(2), "nats"],
    [report.words.kl, validation.kl.toFixed(2), "nats"],
    ["parameters", grouped(all), `decoder ${grouped(decoder)}`],
    ...measured.map(([name, text]) => [name, text, `${evaluation!.on} images`]),
  ];
  return html`<dl class="key-figures">${figures.map(
    ([term, value, unit]) => html`<div><dt>${term}</dt><dd>${value}<small>${unit}</small></dd></div>`,
  )}</dl>`;
}

function runCurves(run: ReportedRun): Html {
  const { config, final, history } = run;
  const series = (["validation", "training"] as const).map((name, i) => ({
    name,
    colour: colourOf(i),
    points: lossesOn(name, run),
  }));
  const notes = [...kindOf(config.spec).report.curveNotes(config)];
  if (config.dropout > 0 || config.augment) notes.push("Training losses are with dropout and augmentation.");
  if (final.epoch < history.length) notes.push(`The run ends with the weights of epoch ${final.epoch}.`);
  return curves([...series, ...courseworkSeries([run])], notes.join(" "));
}

/** Training losses that the coursework reports, where a run has its architecture. */
function courseworkSeries(runs: readonly ReportedRun[]): NamedSeries[] {
  return courseworkModels
    .filter((model) => runs.some(({ config }) => isComparable(config, model)))
    .map(({ name, training }) => ({
      name: `${name} of the coursework, training`,
      colour: "var(--muted)",
      dash: COURSEWORK_DASH,
      points: training,
    }));
}

function curves(series: readonly NamedSeries[], caption: string): Html {
  return html`<ul class="legend">${series.map(
    ({ name, colour, dash = "none", points }) =>
      name !== undefined &&
      html`<li><svg width="26" height="10" aria-hidden="true">${
        points.length > 1
          ? html`<line x1="1" x2="25" y1="5" y2="5" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`
          : html`<circle cx="13" cy="5" r="3" fill="${colour}"/>`
      }</svg>${name}</li>`,
  )}</ul>
  <div class="panels">${plotLosses(series).map((svg) => raw(svg))}</div>
  <p class="note">${caption}</p>`;
}

function epochsContent(run: ReportedRun): Html {
  const { reconstructions } = run.pictures;
  if (reconstructions.length === 0) {
    return html`<p class="missing">The run folder holds no pictures of its epochs.</p>`;
  }
  const { report } = kindOf(run.config.spec);
  return html`<h4>Reconstructions</h4>
    ${epochFigures(reconstructions, "Reconstructions")}
    <p class="note">Pairs of rows: sixteen validation images, and below them their reconstructions from their ${report.words.reconstructed}.</p>
    ${report.samples(run)}`;
}

function latentContent(run: ReportedRun): Html {
  const { latentView: view, config, latent } = run;
  const scatter = html`<figure>${raw(plotLatentSpace(view))}<figcaption>${view.caption}</figcaption></figure>`;
  const isPlane = latentDim(config.spec) === 2;
  const byClass = html`<figure>${raw(plotClasses(view, isPlane ? 5 : 4))}<figcaption>Each class by itself.</figcaption></figure>`;
  if (!isPlane) return html`<div class="side-by-side">${scatter}${byClass}</div>`;
  return html`<div class="side-by-side">${scatter}
    <figure>${digitsImage(drawManifold(run), "What the latent plane decodes to")}
      <figcaption>The 2-D manifold: latents through the inverse Gaussian CDF, so that each digit stands for an equal share of
        ${latent.spread ? "a normal distribution with their mean and deviation" : "N(0, I)"}. z\u2081 grows to the right, z\u2082 upwards (as in Kingma &amp; Welling 2014, figure 4).</figcaption></figure>
  </div>
  ${byClass}`;
}

function digitsContent(run: ReportedRun): Html {
  const { source, others, alt } = kindOf(run.config.spec).report.digits(run);
  return html`<div class="side-by-side">
    <figure>
      <div class="labelled"><ol>${run.latent.digits.map((digit) => html`<li>${digit}</li>`)}</ol>${digitsImage(drawDigits(run), "Digits by class")}</div>
      <figcaption>Sampled by class, ${source}. Every column is one seed.</figcaption>
    </figure>
    <figure>
      <div class="labelled"><ol></ol>${digitsImage(drawPrior(run), alt)}</div>
      <figcaption>${others}</figcaption>
    </figure>
  </div>`;
}

function colourOf(index: number): string {
  return index < SERIES_COLOURS
    ? `var(--series-${index})`
    : `hsl(${Math.round(index * 137.5) % 360} 55% 50%)`;
}
