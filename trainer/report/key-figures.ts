// A run's figures at a glance; those of its evaluation name the images that they are of.

import { bitsOf } from "../evaluate/evaluation.ts";
import { modelOf } from "./comparison.ts";
import { parametersOf } from "./configuration.ts";
import { type Html, html } from "./html.ts";
import { grouped, percent } from "./metrics.ts";
import type { ReportedRun } from "./run.ts";

export function keyFigures({ validation, config, evaluation }: ReportedRun): Html {
  const figures: [string, string, string][] = [
    [
      config.spec.codes ? "validation loss, given the digit" : "validation loss",
      validation.total.toFixed(2),
      "nats per image",
    ],
    ["reconstruction", validation.reconstruction.toFixed(2), "nats"],
    [config.spec.codes ? "codes, given the digit" : "KL", validation.kl.toFixed(2), "nats"],
    ["parameters", grouped(parametersOf(config).all), `decoder ${grouped(parametersOf(config).decoder)}`],
  ];
  const metrics = evaluation && modelOf(evaluation);
  if (evaluation && metrics) {
    const { prior, mixture } = metrics.draws ?? {};
    const { codes, knnAccuracy, loss } = metrics;
    const { on } = evaluation;
    if (knnAccuracy !== undefined) {
      figures.push(["nearest neighbours", percent(knnAccuracy), `of ${on} means in their class`]);
    }
    if (codes) {
      figures.push([`${on} loss`, loss.total.toFixed(2), "nats per image"]);
      figures.push(["codes", bitsOf(metrics)!.toFixed(1), `bits per ${on} image, given the digit`]);
      figures.push([
        "codes in use",
        `${codes.used} of ${codes.size}`,
        `perplexity ${codes.perplexity.toFixed(1)}`,
      ]);
      if (prior) figures.push(["Fr\u00e9chet, prior", prior.frechet.toFixed(2), `by class, ${on} images`]);
    }
    if (prior && mixture) {
      figures.push([
        "Fr\u00e9chet, mixture",
        mixture.frechet.toFixed(2),
        `${prior.frechet.toFixed(2)} from N(0, I), ${on} images`,
      ]);
    }
  }
  return html`<dl class="key-figures">${figures.map(
    ([term, value, unit]) => html`<div><dt>${term}</dt><dd>${value}<small>${unit}</small></dd></div>`,
  )}</dl>`;
}
