// Observable Plot in Node: a plot as the text of an SVG element.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Attributes whose numbers are coordinates; a tenth of a pixel is as precise as can be seen. */
const COORDINATES = / (c[xy]|[xy][12]?|d|r|width|height|transform)="[^"]*"/g;

/** @returns the text of an SVG element; --plot-letters sets its font size, by default 12 px */
export function plot(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    style: { fontSize: "var(--plot-letters, 12px)" },
    ...options,
    document: document as unknown as Document,
  }).outerHTML;
  return svg.replace(COORDINATES, (attribute) => attribute.replace(/(\.\d)\d+/g, "$1"));
}
