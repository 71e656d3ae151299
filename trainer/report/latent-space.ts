// Plots of the latent space: where the encoder puts the test images, by class.

import * as Plot from "@observablehq/plot";
import { UMAP } from "umap-js";
import { createGenerator, uniform } from "../../shared/arithmetic/random.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { shuffled } from "../data/dataset.ts";
import { grouped } from "../evaluate/figures.ts";
import { kindOf } from "../latent/kind.ts";
import { plot } from "../train/plot.ts";
import type { LatentView, Point } from "./reported-run.ts";

/** Images that UMAP places; more make the plot no clearer, and their neighbours take longer to find. */
const UMAP_IMAGES = 2000;
/** The reference implementation's defaults (McInnes, Healy & Melville 2018, https://arxiv.org/abs/1802.03426). */
const UMAP_NEIGHBOURS = 15;
const UMAP_MIN_DISTANCE = 0.1;
const UMAP_EPOCHS = 500;
const SEED = "report";
/** Defined in theme.css. */
const CLASS_COLOURS = Array.from({ length: 10 }, (_, digit) => `var(--class-${digit})`);
/** Enough to see a class's shape in a small panel. */
const POINTS_PER_CLASS = 300;
const CLASS_PANEL_PX = 200;
/** The name of a class, legible over its points. */
const LETTERS = {
  text: ({ label }: { label: number }) => String(label),
  fill: "var(--ink)",
  stroke: "var(--paper)",
  fontWeight: 700,
};

/**
 * The plane itself for two dimensions, a UMAP projection for any other number; the same points for the same latents.
 * @param latents  means of q(z|x), or embeddings of codes; float32 [n, latentDim], flat
 * @param labels  classes, [n]
 * @param onProgress  called with how many of UMAP's epochs are done
 */
export function viewLatentSpace(
  { latents, labels }: { readonly latents: Float32Array; readonly labels: Uint8Array },
  spec: ModelSpec,
  onProgress: (done: number, total: number) => void = () => {},
): LatentView {
  const dim = latentDim(spec);
  const { latents: what } = kindOf(spec).report.words;
  const rowOf = (i: number) => Array.from(latents.subarray(i * dim, (i + 1) * dim));
  const pointsOf = (positions: number[][], images: Uint32Array) =>
    positions.map(([x, y], i) => ({ x: x!, y: y!, label: labels[images[i]!]! }));
  if (dim === 2) {
    const images = Uint32Array.from(labels.keys());
    return {
      points: pointsOf(Array.from(images, rowOf), images),
      axes: { x: "z\u2081", y: "z\u2082" },
      caption: `${what} of the ${grouped(labels.length)} test images.`,
    };
  }
  const chosen = shuffled(labels.length, SEED).subarray(0, UMAP_IMAGES);
  const neighbours = Math.min(UMAP_NEIGHBOURS, chosen.length - 1);
  const next = createGenerator(SEED);
  const umap = new UMAP({
    nNeighbors: neighbours,
    minDist: UMAP_MIN_DISTANCE,
    nEpochs: UMAP_EPOCHS,
    random: () => uniform(next),
  });
  umap.initializeFit(Array.from(chosen, rowOf));
  for (let epoch = 1; epoch <= UMAP_EPOCHS; epoch++) {
    umap.step();
    onProgress(epoch, UMAP_EPOCHS);
  }
  return {
    points: pointsOf(umap.getEmbedding(), chosen),
    axes: { x: "UMAP 1", y: "UMAP 2" },
    caption:
      `${what} of ${grouped(chosen.length)} test images, chosen at random, projected from ${dim} dimensions to two by ` +
      `UMAP (umap-js; ${neighbours} neighbours, minimum distance ${UMAP_MIN_DISTANCE}, Euclidean, ${UMAP_EPOCHS} epochs, ` +
      `seed \u201c${SEED}\u201d). It preserves neighbourhoods; distances between clusters mean little.`,
  };
}

/** @returns the text of an SVG element: every point in its class's colour, every class named where its middle is */
export function plotLatentSpace({ points, axes }: LatentView): string {
  const radius = points.length > 3000 ? 1.3 : 2;
  const middles = byClass(points).flatMap((own) => (own.length > 0 ? [middle(own)] : []));
  return plot({
    width: 640,
    marginBottom: 40,
    ariaLabel: "Latent means by class",
    aspectRatio: 1,
    grid: true,
    x: { label: axes.x },
    y: { label: axes.y },
    marks: [
      ...byClass(points).map((own, digit) =>
        Plot.dot(own, { x: "x", y: "y", r: radius, fill: CLASS_COLOURS[digit]!, fillOpacity: 0.7 }),
      ),
      Plot.text(middles, { ...LETTERS, x: "x", y: "y", strokeWidth: 5, fontSize: 22 }),
    ],
  });
}

/**
 * One small panel per class, so that none hides another.
 * @param columns  panels in a row
 * @returns the text of an SVG element
 */
export function plotClasses({ points }: LatentView, columns: number): string {
  const panel = {
    fx: ({ label }: { label: number }) => label % columns,
    fy: ({ label }: { label: number }) => Math.floor(label / columns),
  };
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
      ...byClass(points).map((own, digit) =>
        Plot.dot(own.slice(0, POINTS_PER_CLASS), {
          ...panel,
          x: "x",
          y: "y",
          r: 1.5,
          fill: CLASS_COLOURS[digit]!,
        }),
      ),
      Plot.text(
        CLASS_COLOURS.map((_, label) => ({ label })),
        { ...LETTERS, ...panel, frameAnchor: "top-left", dx: 8, dy: 6, strokeWidth: 4, fontSize: 18 },
      ),
    ],
  });
}

function byClass(points: readonly Point[]): Point[][] {
  return CLASS_COLOURS.map((_, digit) => points.filter(({ label }) => label === digit));
}

/** The point nearest to the class's medians: it lies among its own, which a mean of two clusters need not. */
function middle(points: readonly Point[]): Point {
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  const [x, y] = [median(points.map((point) => point.x)), median(points.map((point) => point.y))];
  const distance = (point: Point) => (point.x - x) ** 2 + (point.y - y) ** 2;
  return points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
}
