// Which digits are recognised where a digit is asked for.

import * as Plot from "@observablehq/plot";
import { grouped, percent } from "../../evaluate/figures.ts";
import { plot } from "../../train/plot.ts";
import type { Figure } from "../figure.ts";

/**
 * @param confusion  counts, a row for each digit that was asked for
 * @param drawn  the sampler's name
 */
export function confusionFigure(confusion: readonly (readonly number[])[], drawn: string): Figure {
  const cells = confusion.flatMap((row, asked) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, recognised) => ({ asked, recognised, count, share: all > 0 ? count / all : 0 }));
  });
  const total = cells.reduce((sum, { count }) => sum + count, 0);
  const right = cells.filter(({ asked, recognised }) => asked === recognised);
  const wrong = cells.filter(({ asked, recognised }) => asked !== recognised);
  const worst = wrong.reduce((a, b) => (b.share > a.share ? b : a));
  const accuracy = right.reduce((sum, { count }) => sum + count, 0) / total;
  const svg = plot({
    width: 520,
    height: 480,
    marginLeft: 52,
    marginTop: 12,
    marginBottom: 48,
    ariaLabel: `Confusion matrix of digit=: ${percent(accuracy)} recognised as asked for`,
    x: { label: "Recognised as", labelAnchor: "center", labelArrow: "none", type: "band", tickSize: 0 },
    y: { label: "Asked for by digit=", labelAnchor: "center", labelArrow: "none", type: "band", tickSize: 0 },
    // Errors of a few per cent should show beside shares of nearly all.
    opacity: { type: "sqrt", domain: [0, 1], range: [0, 1] },
    marks: [
      Plot.cell(cells, { x: "recognised", y: "asked", fill: "var(--tint)", inset: 1 }),
      Plot.cell(right, {
        x: "recognised",
        y: "asked",
        fill: "var(--series-0)",
        fillOpacity: "share",
        inset: 1,
      }),
      Plot.cell(wrong, {
        x: "recognised",
        y: "asked",
        fill: "var(--series-1)",
        fillOpacity: "share",
        inset: 1,
      }),
      Plot.text(
        cells.filter(({ count }) => count > 0),
        {
          x: "recognised",
          y: "asked",
          text: ({ share }: { share: number }) => (100 * share).toFixed(share < 0.0995 ? 1 : 0),
          fill: "var(--ink)",
          stroke: "var(--paper)",
          strokeWidth: 3,
          strokeOpacity: 0.8,
        },
      ),
    ],
  });
  return {
    name: "confusion",
    title: "Confusion matrix of digit=",
    pictures: [{ svg }],
    caption:
      `What the classifier recognises in ${grouped(total)} digits that were asked for, drawn by the ${drawn} as they are served: in % ` +
      `of a row, empty where it is none. ${percent(accuracy)} lie on the diagonal; the most frequent error is a ${worst.asked} that is ` +
      `recognised as a ${worst.recognised}, ${percent(worst.share)} of the ${worst.asked}s.`,
  };
}
