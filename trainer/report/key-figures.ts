// A run's figures at a glance; those of its evaluation name the images that they are of.

import { kindOf } from "../latent/kind.ts";
import { modelOf } from "./comparison.ts";
import { parametersOf } from "./configuration.ts";
import { grouped } from "./format.ts";
import { type Html, html } from "./html.ts";
import type { ReportedRun } from "./reported-run.ts";

export function keyFigures({ validation, config, evaluation }: ReportedRun): Html {
  const { report } = kindOf(config.spec);
  const figures: [string, string, string][] = [
    [report.words.loss, validation.total.toFixed(2), "nats per image"],
    ["reconstruction", validation.reconstruction.toFixed(2), "nats"],
    [report.words.kl, validation.kl.toFixed(2), "nats"],
    ["parameters", grouped(parametersOf(config).all), `decoder ${grouped(parametersOf(config).decoder)}`],
  ];
  const metrics = evaluation && modelOf(evaluation);
  if (evaluation && metrics) {
    figures.push(...report.keyFigures(metrics, evaluation.on));
  }
  return html`<dl class="key-figures">${figures.map(
    ([term, value, unit]) => html`<div><dt>${term}</dt><dd>${value}<small>${unit}</small></dd></div>`,
  )}</dl>`;
}
