// The report as one HTML document that needs nothing else: styles, plots and pictures lie inside of it.

import { readFile } from "node:fs/promises";
import { latentDim } from "../../shared/latent/kind.ts";
import { kindOf } from "../latent/kind.ts";
import { type LossSeries, lossesOn, plotLosses } from "../train/curves.ts";
import { isFinished } from "../train/schedule.ts";
import { comparisonSection, isSeedsOwn } from "./comparison.ts";
import { architectureOf, configurationSection } from "./configuration.ts";
import { drawDigits, drawPrior } from "./draws.ts";
import { type Content, type Html, html, raw } from "./html.ts";
import { keyFigures } from "./key-figures.ts";
import { drawManifold, plotClasses, plotLatentSpace } from "./latent-space.ts";
import { metricsSection } from "./metrics.ts";
import { digitsImage, epochFigure } from "./picture.ts";
import type { ReportedRun } from "./reported-run.ts";
import { seedFigures } from "./seed-figures.ts";

const STYLES = ["theme.css", "page.css", "print.css"];

/** Colours that theme.css gives to series; runs beyond them take hues in turn. */
const SERIES_COLOURS = 7;
const TRAINING_DASH = "2 3";
const SEED_DASH = "7 4";

interface NamedSeries extends LossSeries {
  /** In the legend; a series without it is told of in the caption. */
  readonly name?: string;
}

/** @returns the text of the HTML file */
export async function writePage(runs: readonly ReportedRun[]): Promise<string> {
  const title = runs.map(({ name }) => name).join(", ");
  const styles = await Promise.all(STYLES.map((file) => readFile(new URL(file, import.meta.url), "utf8")));
  const page = html`<!doctype html>
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
  ${runs.length > 1 && contents(runs)}
</header>
<main>
${runs.length > 1 && sideBySide(runs)}
${runs.map((run, index) => runArticle(run, index, runs.length === 1))}
</main>
</body>
</html>
`;
  return page.html;
}

function contents(runs: readonly ReportedRun[]): Html {
  return html`<nav><a href="#side-by-side">Side by side</a>
    ${runs.map(({ name }, index) => html`<a href="#run-${index}">${name}</a>`)}</nav>`;
}

function sideBySide(runs: readonly ReportedRun[]): Html {
  const series = runs.flatMap(({ name, history, priorHistory }, index): NamedSeries[] => [
    { name, colour: colourOf(index), points: lossesOn(history, "validation", priorHistory) },
    {
      colour: colourOf(index),
      dash: TRAINING_DASH,
      points: lossesOn(history, "training", priorHistory),
    },
  ]);
  return html`<article id="side-by-side">
    <h2>Side by side</h2>
    ${section("Curves", curves([...series, ...seedSeries(runs)], sideBySideCaption(runs)))}
    ${section("Comparison", comparisonSection(runs))}
  </article>`;
}

function sideBySideCaption(runs: readonly ReportedRun[]): string {
  const lines = "Full lines are validation, dotted ones training.";
  const given = runs.filter(({ config }) => kindOf(config.spec).report.isGivenDigit).map(({ name }) => name);
  if (given.length === 0) return lines;
  return `${lines} The KL of ${given.join(", ")} is given the digit, so it does not compare with the others\u2019.`;
}

function runArticle(run: ReportedRun, index: number, isAlone: boolean): Html {
  const { name, config, history, pictures, priorHistory } = run;
  const { report } = kindOf(config.spec);
  const series: NamedSeries[] = [
    { name: "validation", colour: colourOf(0), points: lossesOn(history, "validation", priorHistory) },
    { name: "training", colour: colourOf(1), points: lossesOn(history, "training", priorHistory) },
    ...seedSeries([run]),
  ];
  return html`<article id="run-${index}">
    ${!isAlone && html`<h2>${name}</h2>`}
    <p class="lead">${architectureOf(config)}</p>
    ${history.length < config.epochs && html`<p class="note">${describeEnd(run)}</p>`}
    ${keyFigures(run)}
    ${section("Configuration", configurationSection(run))}
    ${section("Curves", curves(series, curveCaption(run)))}
    ${section(
      "Over the epochs",
      pictures.length === 0
        ? html`<p class="missing">The run folder holds no pictures of its epochs.</p>`
        : html`<h4>Reconstructions</h4>
      <div class="epochs">${pictures.map(({ epoch, reconstructions }) => epochFigure(epoch, reconstructions, "Reconstructions"))}</div>
      <p class="note">Rows in pairs: sixteen validation images, and under them what the model makes of their ${report.words.reconstructed}.</p>
      ${report.samples(run)}`,
    )}
    ${section("Latent space", latentContent(run))}
    ${section("Digits", digitsContent(run))}
    ${section("Metrics", metricsSection(run))}
    ${isAlone && section("Beside the course work", comparisonSection([run]))}
  </article>`;
}

/** Why a run has fewer epochs than it was told. */
function describeEnd({ config, history, final }: ReportedRun): string {
  return isFinished(config, history)
    ? `Stopped early after ${history.length} of ${config.epochs} epochs; the best, ${final.epoch}, is kept.`
    : `Not finished: ${history.length} of ${config.epochs} epochs.`;
}

function curveCaption({ config, final, history }: ReportedRun): string {
  const notes = [...kindOf(config.spec).report.curveNotes(config)];
  if (config.dropout > 0 || config.augment) notes.push("Training losses are with dropout and augmentation.");
  if (final.epoch < history.length) notes.push(`The run ends with the weights of epoch ${final.epoch}.`);
  return notes.join(" ");
}

/** Training losses that the course work tells, for runs of its architectures. */
function seedSeries(runs: readonly ReportedRun[]): NamedSeries[] {
  return seedFigures
    .filter((seed) => runs.some(({ config }) => isSeedsOwn(config, seed)))
    .map(({ name, training }) => ({
      name: `${name} of the course work, training`,
      colour: "var(--muted)",
      dash: SEED_DASH,
      points: training,
    }));
}

function curves(series: readonly NamedSeries[], caption: string): Html {
  return html`<ul class="legend">${series.map(
    ({ name, colour, dash, points }) =>
      name !== undefined &&
      html`<li><svg width="26" height="10" aria-hidden="true">${
        points.length > 1
          ? html`<line x1="1" x2="25" y1="5" y2="5" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash ?? "none"}"/>`
          : html`<circle cx="13" cy="5" r="3" fill="${colour}"/>`
      }</svg>${name}</li>`,
  )}</ul>
  <div class="panels">${plotLosses(series).map(raw)}</div>
  <p class="note">${caption}</p>`;
}

function latentContent({ latentView: view, config, decoder }: ReportedRun): Html {
  const scatter = html`<figure>${raw(plotLatentSpace(view))}<figcaption>${view.caption}</figcaption></figure>`;
  const isPlane = latentDim(config.spec) === 2;
  const byClass = html`<figure>${raw(plotClasses(view, isPlane ? 5 : 4))}<figcaption>Each class by itself.</figcaption></figure>`;
  if (!isPlane) return html`<div class="side-by-side">${scatter}${byClass}</div>`;
  return html`<div class="side-by-side">${scatter}
    <figure>${digitsImage(drawManifold(decoder), "What the latent plane decodes to")}
      <figcaption>The 2-D manifold: latents through the inverse Gaussian CDF, so that each digit stands for an equal share of
        N(0, I). z\u2081 grows to the right, z\u2082 upwards (as in Kingma &amp; Welling 2014, figure 4).</figcaption></figure>
  </div>
  ${byClass}`;
}

function digitsContent(run: ReportedRun): Html {
  const { digits, png } = drawDigits(run);
  const { source, others, alt } = kindOf(run.config.spec).report.digits(run);
  return html`<div class="side-by-side">
    <figure>
      <div class="labelled"><ol>${digits.map((digit) => html`<li>${digit}</li>`)}</ol>${digitsImage(png, "Digits asked for")}</div>
      <figcaption>Asked for by class, ${source}. Every column is one seed.</figcaption>
    </figure>
    <figure>
      <div class="labelled"><ol></ol>${digitsImage(drawPrior(run), alt)}</div>
      <figcaption>${others}</figcaption>
    </figure>
  </div>`;
}

function section(title: string, content: Content): Html {
  return html`<section><h3>${title}</h3>${content}</section>`;
}

function colourOf(index: number): string {
  return index < SERIES_COLOURS
    ? `var(--series-${index})`
    : `hsl(${Math.round(index * 137.5) % 360} 55% 50%)`;
}
