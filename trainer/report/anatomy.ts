// The anatomy of a run's latent: figures of its kind of latent, and those that every kind has.

import { html } from "hono/html";
import { selectBackend } from "../backend/registry.ts";
import { kindOf } from "../latent/kind.ts";
import { metricsOf } from "./comparison.ts";
import type { Html } from "./elements.ts";
import { type Figure, figureElement } from "./figure.ts";
import { confusionFigure } from "./figures/confusion.ts";
import { interpolationsFigure } from "./figures/interpolations.ts";
import { neighboursFigure } from "./figures/neighbours.ts";
import type { Anatomy, DissectedRun, ReportedRun } from "./reported-run.ts";

/** @param onProgress  called with the number of its parts that are done, and of all */
export async function dissectRun(
  run: DissectedRun,
  onProgress: (done: number, total: number) => void,
): Promise<Anatomy> {
  // Distances are matrix products, fastest on wasm.
  await selectBackend("wasm");
  onProgress(0, 2);
  const { figures, ...rest } = kindOf(run.config.spec).report.anatomy(run);
  onProgress(1, 2);
  return { ...rest, figures: [...figures, interpolationsFigure(run), await neighboursFigure(run)] };
}

/** All figures of a run, with what its evaluation adds. */
export function figuresOfRun({ anatomy, evaluation, config }: ReportedRun): Figure[] {
  const confusion = evaluation && metricsOf(evaluation).confusion;
  const { byClass } = kindOf(config.spec).report;
  return [...anatomy.figures, ...(confusion ? [confusionFigure(confusion, byClass)] : [])];
}

export function anatomySection(run: ReportedRun): Html {
  return figuresContent(figuresOfRun(run));
}

export function figuresContent(figures: readonly Figure[]): Html {
  return html`${figures.map(figureElement)}`;
}
