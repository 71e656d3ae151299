// Loss curves as SVG: total, reconstruction and KL of one run, or of several in the same panels.

import * as Plot from "@observablehq/plot";
import type { Loss } from "../../shared/release/release.ts";
import { plot } from "./plot.ts";

export interface LossSeries {
  /** A CSS colour. */
  readonly colour: string;
  /** Lengths of dashes and gaps, as in SVG; undefined for a solid line. */
  readonly dash?: string;
  /** Losses per epoch; missing parts are not drawn. */
  readonly points: readonly (Partial<Loss> & { readonly epoch: number })[];
}

const PANELS = [
  { part: "total", label: "Total, nats per image" },
  { part: "reconstruction", label: "Reconstruction, nats per image" },
  { part: "kl", label: "KL, nats per image" },
] as const;
const SERIES = [
  { on: "training", colour: "#4269d0" },
  { on: "validation", colour: "#ff725c" },
] as const;
const PANEL = { width: 360, height: 260 };
const LEGEND_HEIGHT = 24;

/** @returns the texts of SVG elements: total, reconstruction and KL, as far as a series has them */
export function plotLosses(series: readonly LossSeries[]): string[] {
  return PANELS.flatMap(({ part, label }) => {
    const lines = series.map(({ points, ...style }) => ({
      ...style,
      points: points.filter((point) => point[part] !== undefined),
    }));
    const epochs = Math.max(...lines.flatMap(({ points }) => points.map(({ epoch }) => epoch)));
    if (epochs < 1) return [];
    return plot({
      ...PANEL,
      marginLeft: 50,
      marginRight: 20,
      marginTop: 30,
      marginBottom: 40,
      ariaLabel: label,
      x: { label: "Epoch", ticks: Math.min(10, epochs), tickFormat: "d" },
      y: { label, grid: true, zero: false },
      marks: lines.map(({ colour, dash, points }) =>
        Plot.lineY(points, {
          x: "epoch",
          y: part,
          stroke: colour,
          ...(dash !== undefined && { strokeDasharray: dash }),
          marker: points.length > 1 ? "none" : "dot",
        }),
      ),
    });
  });
}

/** @returns the text of an SVG file: one run's panels in a row, under their legend */
export function drawLosses(lossesOn: (on: "training" | "validation") => LossSeries["points"]): string {
  const panels = plotLosses(SERIES.map(({ on, colour }) => ({ colour, points: lossesOn(on) }))).map(
    (svg, index) => svg.replace("<svg ", `<svg x="${index * PANEL.width}" y="${LEGEND_HEIGHT}" `),
  );
  const legend = SERIES.map(
    ({ on, colour }, index) => `<text x="${50 + index * 80}" y="16" fill="${colour}">\u2014 ${on}</text>`,
  );
  const [width, height] = [PANEL.width * panels.length, PANEL.height + LEGEND_HEIGHT];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    'font-family="system-ui, sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>' +
    `${legend.join("")}${panels.join("")}</svg>\n`
  );
}
