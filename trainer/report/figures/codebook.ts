// The codes of a model: what each of them draws, how often it stands where, and what that costs.

import * as Plot from "@observablehq/plot";
import type { Decoder } from "../../../shared/decoder/decoder.ts";
import { type Codebook, embedCodes } from "../../../shared/latent/codes/codebook.ts";
import type { CodeGrid } from "../../../shared/latent/codes/grid.ts";
import { grouped, percent } from "../../evaluate/figures.ts";
import { plot } from "../../train/plot.ts";
import { digitsPicture, type Figure } from "../figure.ts";

const COLUMNS = 8;

/** Codes by falling use. */
function byUse(counts: readonly number[]): number[] {
  return counts.map((_, code) => code).toSorted((a, b) => counts[b]! - counts[a]!);
}

/**
 * @param counts  of each code over all cells of the images, [size]
 * @param example  the codes of one image, [rows * columns]
 */
export function codebookFigure(
  decoder: Decoder,
  codebook: Codebook,
  grid: CodeGrid,
  counts: readonly number[],
  example: ArrayLike<number>,
): Figure {
  const order = byUse(counts);
  const middle = Math.floor(grid.rows / 2) * grid.columns + Math.floor(grid.columns / 2);
  const alone = order.map((code) => embedCodes(new Uint16Array(example.length).fill(code), codebook));
  const inside = order.map((code) => embedCodes(Uint16Array.from(example).with(middle, code), codebook));
  const rows = Array.from({ length: Math.ceil(order.length / COLUMNS) }, (_, row) =>
    String(row * COLUMNS + 1),
  );
  return {
    name: "codebook",
    title: "Codebook",
    pictures: [
      digitsPicture(decoder.images(alone), COLUMNS, {
        alt: `What each of ${order.length} codes draws where it fills the whole grid`,
        rows,
      }),
      digitsPicture(decoder.images(inside), COLUMNS, {
        alt: `An image whose middle cell is each of ${order.length} codes in turn`,
        rows,
      }),
    ],
    caption:
      `All ${order.length} codes by falling use, ${COLUMNS} in a row; the number of a row is the place of its first code. Left: a grid ` +
      "of this code alone. Right: one validation image, in whose middle cell it stands instead of the image\u2019s own. Codes are " +
      "strokes, edges and paper; what one means depends on its neighbours, as the decoder sees several cells at a time.",
  };
}

export function codeUseFigure(counts: readonly number[], perplexity: number, images: number): Figure {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const bars = byUse(counts).map((code, i) => ({ place: i + 1, share: (100 * counts[code]!) / total }));
  const used = counts.filter((count) => count > 0).length;
  const svg = plot({
    width: 640,
    height: 260,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 44,
    ariaLabel: `Use of ${counts.length} codes, from ${bars[0]!.share.toFixed(1)} to ${bars.at(-1)!.share.toFixed(2)} %`,
    x: {
      label: "Code, by falling use",
      tickFormat: (place: number) => (place === 1 || place % 8 === 0 ? String(place) : ""),
      tickSize: 0,
    },
    y: { label: "Share of all cells, %", grid: true },
    marks: [
      Plot.barY(bars, { x: "place", y: "share", fill: "var(--series-0)", inset: 0.5 }),
      Plot.ruleY([100 / counts.length], { stroke: "var(--series-1)", strokeDasharray: "4 3" }),
      Plot.ruleY([0], { stroke: "var(--ink)" }),
    ],
  });
  return {
    name: "code-use",
    title: "Use of the codes",
    pictures: [{ svg }],
    caption:
      `The share of all cells of ${grouped(images)} validation images that each code fills; the dashed line is equal use, ` +
      `${(100 / counts.length).toFixed(1)} %. ${used} of ${counts.length} codes are used, the first by ${percent(bars[0]!.share / 100)} of ` +
      `the cells: as evenly as ${perplexity.toFixed(1)} codes used equally often (their perplexity).`,
  };
}

/** @param entropies  of each cell, nats, by rows */
export function cellsFigure(entropies: readonly number[], grid: CodeGrid, images: number): Figure {
  const cells = entropies.map((nats, i) => ({
    row: Math.floor(i / grid.columns) + 1,
    column: (i % grid.columns) + 1,
    bits: nats / Math.LN2,
  }));
  const ordered = cells.toSorted((a, b) => a.bits - b.bits);
  const placeOf = ({ row, column, bits }: (typeof cells)[number]) =>
    `row ${row}, column ${column} (${bits.toFixed(1)} bits)`;
  const most = Math.log2(grid.size);
  const svg = plot({
    width: 420,
    height: 400,
    marginLeft: 44,
    marginTop: 12,
    marginBottom: 44,
    ariaLabel: `Entropy of ${cells.length} cells, from ${Math.min(...cells.map(({ bits }) => bits)).toFixed(1)} to ${Math.max(...cells.map(({ bits }) => bits)).toFixed(1)} bits`,
    x: { label: "Column of the grid", labelAnchor: "center", labelArrow: "none", type: "band", tickSize: 0 },
    y: { label: "Row of the grid", labelAnchor: "center", labelArrow: "none", type: "band", tickSize: 0 },
    opacity: { domain: [0, most] },
    marks: [
      Plot.cell(cells, { x: "column", y: "row", fill: "var(--series-0)", fillOpacity: "bits", inset: 1 }),
      Plot.text(cells, {
        x: "column",
        y: "row",
        text: ({ bits }: { bits: number }) => bits.toFixed(1),
        fill: "var(--ink)",
        stroke: "var(--paper)",
        strokeWidth: 3,
        strokeOpacity: 0.8,
      }),
    ],
  });
  return {
    name: "cells",
    title: "Entropy of each cell",
    pictures: [{ svg }],
    caption:
      `The entropy in bits of the codes in each cell of the grid, over ${grouped(images)} validation images; at most log\u2082 ${grid.size} = ` +
      `${most.toFixed(0)}. Most is told by ${placeOf(ordered.at(-1)!)}, least by ${placeOf(ordered[0]!)}: where nearly all images have paper, a cell tells nothing.`,
  };
}

/** Bits per image under priors that know more and more. */
export function codeCostFigure(
  costs: readonly { readonly prior: string; readonly bits: number }[],
  information: number,
  images: number,
): Figure {
  const svg = plot({
    width: 640,
    height: 60 + 48 * costs.length,
    marginLeft: 170,
    marginRight: 52,
    marginTop: 30,
    marginBottom: 40,
    ariaLabel: costs.map(({ prior, bits }) => `${prior}: ${bits.toFixed(1)} bits`).join("; "),
    x: {
      label: "Cost of the codes, bits per image",
      grid: true,
      domain: [0, Math.max(...costs.map(({ bits }) => bits))],
    },
    y: { label: null, domain: costs.map(({ prior }) => prior), tickSize: 0 },
    marks: [
      Plot.barX(costs, { y: "prior", x: "bits", fill: "var(--series-0)", insetTop: 4, insetBottom: 4 }),
      Plot.text(costs, {
        y: "prior",
        x: "bits",
        text: ({ bits }: { bits: number }) => bits.toFixed(1),
        textAnchor: "start",
        dx: 6,
        fill: "var(--ink)",
        fontWeight: 600,
      }),
      Plot.ruleX([Math.log2(images)], { stroke: "var(--ink)", strokeDasharray: "3 3" }),
    ],
  });
  return {
    name: "code-cost",
    title: "What the codes cost",
    pictures: [{ svg }],
    caption:
      "Bits per validation image that its codes cost under a prior for which all codes are equally likely, under the frequencies of " +
      "each cell by itself, and under the prior that the model learned, given the digit. The mutual information I(n; codes) of " +
      `${grouped(images)} images is ${information.toFixed(2)} bits, of at most log\u2082 ${grouped(images)} (the dashed line), as their codes ` +
      "are a function of the image. The bits by which a bar is longer than the last one are spent on grids that no image has.",
  };
}
