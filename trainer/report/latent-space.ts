// The latent space as one sees it: means of the test images by class, and what the plane between them decodes to.

import * as Plot from "@observablehq/plot";
import { UMAP } from "umap-js";
import { createGenerator, uniform } from "../../shared/arithmetic/random.ts";
import type { Decoder } from "../../shared/decoder/decoder.ts";
import { tileImages } from "../../shared/image/layout.ts";
import { encodePng } from "../../shared/image/png.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import { planeLatents } from "../../shared/latent/walk.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { shuffled } from "../data/dataset.ts";
import { kindOf } from "../latent/kind.ts";
import { plot } from "../train/plot.ts";
import { grouped } from "./format.ts";
import type { LatentView, Point } from "./reported-run.ts";

/** Images that UMAP places; more make the plot no clearer, and their neighbours take longer to find. */
const UMAP_IMAGES = 2000;
/** The reference implementation's defaults (McInnes, Healy & Melville 2018, https://arxiv.org/abs/1802.03426). */
const UMAP_NEIGHBOURS = 15;
const UMAP_MIN_DISTANCE = 0.1;
const UMAP_EPOCHS = 500;
const SEED = "report";
/** Points and labels in the plane are read by class in the page's colours, --class-0 to --class-9. */
const CLASS_COLOURS = Array.from({ length: 10 }, (_, digit) => `var(--class-${digit})`);
/** Enough to see a class's shape in a small panel. */
const POINTS_PER_CLASS = 300;
const CLASS_PANEL_PX = 200;
/** Digits per side, as in Kingma & Welling 2014, figure 4. */
const MANIFOLD_SIDE = 20;

export interface LabelledLatents {
  readonly count: number;
  /** Means of q(z|x), or embeddings of codes; float32 [count, latentDim], flat. */
  readonly latents: Float32Array;
  /** Classes, [count]. */
  readonly labels: Uint8Array;
}

/**
 * The plane itself for two dimensions, UMAP for any other number; the same points for the same means.
 * @param onProgress  told how many of UMAP's epochs are done
 */
export function viewLatentSpace(
  { count, latents, labels }: LabelledLatents,
  spec: ModelSpec,
  onProgress: (done: number, total: number) => void = () => {},
): LatentView {
  const dim = latentDim(spec);
  const { latents: what } = kindOf(spec).report.words;
  if (dim === 2) {
    const points = Array.from({ length: count }, (_, i) => ({
      x: latents[2 * i]!,
      y: latents[2 * i + 1]!,
      label: labels[i]!,
    }));
    return {
      points,
      axes: { x: "z\u2081", y: "z\u2082" },
      caption: `${what} of the ${grouped(count)} test images.`,
    };
  }
  const chosen = shuffled(count, SEED).subarray(0, UMAP_IMAGES);
  const neighbours = Math.min(UMAP_NEIGHBOURS, chosen.length - 1);
  const next = createGenerator(SEED);
  const umap = new UMAP({
    nNeighbors: neighbours,
    minDist: UMAP_MIN_DISTANCE,
    nEpochs: UMAP_EPOCHS,
    random: () => uniform(next),
  });
  umap.initializeFit(Array.from(chosen, (i) => Array.from(latents.subarray(i * dim, (i + 1) * dim))));
  for (let epoch = 1; epoch <= UMAP_EPOCHS; epoch++) {
    umap.step();
    onProgress(epoch, UMAP_EPOCHS);
  }
  const placed = umap.getEmbedding();
  return {
    points: placed.map(([x, y], i) => ({ x: x!, y: y!, label: labels[chosen[i]!]! })),
    axes: { x: "UMAP 1", y: "UMAP 2" },
    caption:
      `${what} of ${grouped(chosen.length)} test images, chosen at random, brought from ${dim} dimensions to two by ` +
      `UMAP (umap-js; ${neighbours} neighbours, minimum distance ${UMAP_MIN_DISTANCE}, Euclidean, ${UMAP_EPOCHS} epochs, ` +
      `seed \u201c${SEED}\u201d). It keeps neighbourhoods; distances between clusters mean little.`,
  };
}

/** @returns the text of an SVG element: every point in its class's colour, every class named where its middle is */
export function plotLatentSpace({ points, axes }: LatentView): string {
  const radius = points.length > 3000 ? 1.3 : 2;
  return plot({
    width: 640,
    marginBottom: 40,
    ariaLabel: "Latent means by class",
    aspectRatio: 1,
    grid: true,
    x: { label: axes.x },
    y: { label: axes.y },
    marks: [
      ...CLASS_COLOURS.map((fill, digit) =>
        Plot.dot(
          points.filter(({ label }) => label === digit),
          { x: "x", y: "y", r: radius, fill, fillOpacity: 0.7 },
        ),
      ),
      ...CLASS_COLOURS.map((_, digit) => {
        const own = points.filter(({ label }) => label === digit);
        return Plot.text(own.length > 0 ? [middle(own)] : [], {
          x: "x",
          y: "y",
          text: () => String(digit),
          fill: "var(--ink)",
          stroke: "var(--paper)",
          strokeWidth: 5,
          fontSize: 22,
          fontWeight: 700,
        });
      }),
    ],
  });
}

/**
 * One small panel per class, so that none hides another.
 * @param columns  panels in a row
 * @returns the text of an SVG element
 */
export function plotClasses({ points }: LatentView, columns: number): string {
  const shown = CLASS_COLOURS.flatMap((_, digit) =>
    points.filter(({ label }) => label === digit).slice(0, POINTS_PER_CLASS),
  );
  const place = (label: number) => ({
    column: label % columns,
    row: Math.floor(label / columns),
  });
  const panels = CLASS_COLOURS.map((_, label) => ({ label, ...place(label) }));
  return plot({
    width: columns * CLASS_PANEL_PX,
    height: Math.ceil(CLASS_COLOURS.length / columns) * CLASS_PANEL_PX,
    margin: 2,
    ariaLabel: "Latent means, each class by itself",
    x: { axis: null },
    y: { axis: null },
    fx: { axis: null, padding: 0.06 },
    fy: { axis: null, padding: 0.06 },
    marks: [
      Plot.frame({ stroke: "var(--line)" }),
      ...CLASS_COLOURS.map((fill, digit) =>
        Plot.dot(
          shown.filter(({ label }) => label === digit),
          {
            x: "x",
            y: "y",
            fx: ({ label }) => place(label).column,
            fy: ({ label }) => place(label).row,
            r: 1.5,
            fill,
          },
        ),
      ),
      Plot.text(panels, {
        fx: "column",
        fy: "row",
        frameAnchor: "top-left",
        dx: 8,
        dy: 6,
        text: ({ label }) => String(label),
        fontSize: 18,
        fontWeight: 700,
        stroke: "var(--paper)",
        fill: "var(--ink)",
        strokeWidth: 4,
      }),
    ],
  });
}

/**
 * What the latent plane decodes to, PNG: coordinates through the inverse of the Gaussian's distribution function, so
 * that every digit stands for an equal share of N(0, I). z1 grows to the right and z2 upwards, as in the plot.
 * @param decoder  of a model with two latent dimensions
 */
export function drawManifold(decoder: Decoder): Uint8Array {
  return encodePng(tileImages(decoder.images(planeLatents(MANIFOLD_SIDE)), MANIFOLD_SIDE));
}

/** The point nearest to the class's medians: it lies among its own, which a mean of two clusters need not. */
function middle(points: readonly Point[]): Point {
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  const [x, y] = [median(points.map((point) => point.x)), median(points.map((point) => point.y))];
  const distance = (point: Point) => (point.x - x) ** 2 + (point.y - y) ** 2;
  return points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
}
