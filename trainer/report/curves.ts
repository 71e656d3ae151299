// Loss curves of a run as one SVG: total, reconstruction and KL, training beside validation.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { EpochRecord } from "../../shared/release.ts";

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

/** @returns the text of an SVG file */
export function drawLosses(history: readonly EpochRecord[]): string {
  const panels = PANELS.map(({ part, label }, index) => {
    const rows = history.flatMap(({ epoch, training, validation }) => [
      { epoch, loss: training[part], on: "training" },
      { epoch, loss: validation[part], on: "validation" },
    ]);
    const svg = plot({
      ...PANEL,
      marginLeft: 50,
      marginRight: 20,
      x: { label: "Epoch", ticks: Math.min(10, history.length), tickFormat: "d" },
      y: { label, grid: true, zero: false },
      color: { domain: SERIES.map(({ on }) => on), range: SERIES.map(({ colour }) => colour) },
      marks: [
        Plot.lineY(rows, {
          x: "epoch",
          y: "loss",
          z: "on",
          stroke: "on",
          marker: history.length > 1 ? "none" : "dot",
        }),
      ],
    });
    return svg.replace("<svg ", `<svg x="${index * PANEL.width}" y="${LEGEND_HEIGHT}" `);
  });
  const legend = SERIES.map(
    ({ on, colour }, index) => `<text x="${50 + index * 80}" y="16" fill="${colour}">\u2014 ${on}</text>`,
  );
  const [width, height] = [PANEL.width * PANELS.length, PANEL.height + LEGEND_HEIGHT];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    'font-family="system-ui, sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>' +
    `${legend.join("")}${panels.join("")}</svg>\n`
  );
}

function plot(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  return Plot.plot({ ...options, document: document as unknown as Document }).outerHTML;
}
