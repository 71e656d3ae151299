// The figures of an evaluation as rows of text: the terminal's tables, the report's and the comparison of runs show the same.

import type { Evaluation, Figure, Judgement, ModelMetrics } from "./evaluation.ts";

/** Names of a figure and of sets of draws that every kind of latent has, and of one that several have. */
export const NEGATIVE_ELBO = "Negative ELBO, nats";
export const RECONSTRUCTIONS = "reconstructions";
export const TRAINING_RECONSTRUCTIONS = "reconstructions of training images";
export const FROM_NORMAL = "N(0, I)";

export const REALISM_COLUMNS = ["drawn", "real"];

/** One cell per column, undefined where there is nothing to show. */
export type Row = readonly [title: string, ...cells: (string | undefined)[]];

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** Scores of a set of draws, in the order of the tables. */
export const SCORES: readonly (readonly [
  title: string,
  text: (judgement: Judgement) => string | undefined,
])[] = [
  ["Fr\u00e9chet distance", ({ frechet }) => frechet.toFixed(3)],
  ["Precision", ({ precision }) => precision.toFixed(3)],
  ["Recall", ({ recall }) => recall.toFixed(3)],
  ["Sharpness", ({ sharpness }) => sharpness.toFixed(2)],
  ["Recognised", ({ classAccuracy: share }) => (share === undefined ? share : percent(share))],
];

/** All figures but the scores of draws. */
export function figuresOf({ loss, figures }: ModelMetrics): Figure[] {
  const nats = (name: string, value: number) => ({ name, value, text: value.toFixed(2) });
  return [
    nats(NEGATIVE_ELBO, loss.total),
    nats("\u2003Reconstruction", loss.reconstruction),
    nats("\u2003KL", loss.kl),
    ...figures,
  ];
}

/** The sets of weights that were evaluated. */
export function evaluatedModels(evaluation: Evaluation) {
  return (["float", "quantized"] as const).flatMap((weights) => {
    const metrics = evaluation[weights];
    return metrics ? [{ weights, metrics }] : [];
  });
}

/** What gives the served digits away, beside the same of real images; no rows where it was not measured. */
export function realismRows({ realism = [], quantized }: Evaluation): Row[] {
  return quantized.realism ? figureRows([quantized.realism, realism]) : [];
}

/** A row for every name, a cell for every list. */
export function figureRows(lists: readonly (readonly Figure[])[]): Row[] {
  const names = new Set(lists.flat().map(({ name }) => name));
  return [...names].map((title) => [title, ...lists.map((list) => figureOf(list, title)?.text)]);
}

export function figureOf(figures: readonly Figure[], name: string): Figure | undefined {
  return figures.find((figure) => figure.name === name);
}

/**
 * All sets that the classifier scored: reconstructions of the evaluated images, for which the best is no distance at all,
 * then training images and what is compared with them.
 */
export function scoredSets(evaluation: Evaluation): (readonly [name: string, judgement: Judgement])[] {
  const sets = evaluatedModels(evaluation).flatMap(({ weights, metrics: { draws = {} } }) =>
    Object.entries(draws).map(([name, judgement]) => [`${name}, ${weights}`, judgement] as const),
  );
  const isPaired = ([name]: (typeof sets)[number]) => name.startsWith(`${RECONSTRUCTIONS}, `);
  const { floor } = evaluation;
  return [
    ...sets.filter(isPaired),
    ...(floor ? [["training images", floor] as const] : []),
    ...sets.filter((set) => !isPaired(set)),
  ];
}
