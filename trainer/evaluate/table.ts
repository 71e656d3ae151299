// An evaluation as text for a terminal.

import { describeImages, type Evaluation } from "./evaluation.ts";
import {
  evaluatedModels,
  figureRows,
  figuresOf,
  REALISM_COLUMNS,
  type Row,
  realismRows,
  SCORES,
  scoredSets,
} from "./figures.ts";

/** @param folder  of the run or the release */
export function formatEvaluation(folder: string, evaluation: Evaluation): string {
  const models = evaluatedModels(evaluation);
  const sets = scoredSets(evaluation);
  return [
    `${folder}, ${describeImages(evaluation)} of ${evaluation.data}`,
    ...models.flatMap(({ weights, metrics: { failure } }) => (failure ? [`${weights}: ${failure}`] : [])),
    ...formatTable(
      models.map(({ weights }) => weights),
      figureRows(models.map(({ metrics }) => figuresOf(metrics))),
    ),
    ...formatTable(
      SCORES.map(([title]) => title),
      sets.map(([name, judgement]) => [name, ...SCORES.map(([, text]) => text(judgement))]),
    ),
    ...formatTable(REALISM_COLUMNS, realismRows(evaluation)),
    ...formatTable(...confusionTable(evaluation)),
  ].join("\n");
}

/** What is drawn where a digit is asked for, by the weights that are served. */
function confusionTable({ quantized: { confusion = [] } }: Evaluation): [string[], Row[]] {
  const digits = confusion.map((_, digit) => String(digit));
  return [digits, confusion.map((row, digit) => [`digit=${digit}, recognised as`, ...row.map(String)])];
}

/** Titles to the left, cells to the right of their columns, below an empty line; nothing without rows. */
function formatTable(columns: readonly string[], body: readonly Row[]): string[] {
  if (body.length === 0) return [];
  const rows: Row[] = [["", ...columns], ...body];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map(([title, ...cells]) => {
    const padded = cells.map((cell = "", i) => cell.padStart(widths[i + 1]!));
    return `  ${[title.padEnd(widths[0]!), ...padded].join("  ")}`.trimEnd();
  });
  return ["", ...lines];
}
