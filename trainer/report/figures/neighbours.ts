// Whether a model copies: draws beside the training images that are nearest to them, and how near those are.

import * as Plot from "@observablehq/plot";
import { createDecoder } from "../../../shared/decoder/decoder.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { gatherImages } from "../../data/dataset.ts";
import { grouped, percent } from "../../evaluate/figures.ts";
import { nearestTraining } from "../../evaluate/nearest-training.ts";
import { plot } from "../../train/plot.ts";
import { digitsPicture, type Figure, greyImages } from "../figure.ts";
import type { DissectedRun } from "../reported-run.ts";

/** Draws, and test images, whose nearest training image is looked for; of the first draws more are shown. */
const LOOKED_FOR = 500;
const SHOWN = { rows: 10, each: 2, nearest: 4 };
const BINS = 40;
/** Share of test images that lie nearer to the training images than what counts as near. */
const NEAR = 0.01;

/** Needs a tfjs backend. */
export async function neighboursFigure({ config, tensors, latent, images }: DissectedRun): Promise<Figure> {
  const { file, training } = images;
  const decoder = createDecoder(loadDecodeKernels(), config.spec, tensors);
  const digits = latent.digits;
  const requests = Array.from({ length: LOOKED_FOR }, (_, i) => ({
    seed: `neighbours/${i}`,
    ...(digits.length > 0 && { digit: digits[Math.floor(i / SHOWN.each) % digits.length]! }),
  }));
  const drawn = decoder.images(latent.drawAll(requests).map((draw) => draw.latent));
  const pixels = Float32Array.from(
    drawn.flatMap((image) => [...image.pixels]),
    (byte) => byte / 255,
  );
  const nearest = await nearestTraining(pixels, { file, training }, SHOWN.nearest);
  const real = await nearestTraining(images.greyTest.subarray(0, pixels.length), { file, training }, 1);

  const gap = { width: 28, height: 28, pixels: new Uint8Array(28 * 28) };
  const tiles = Array.from({ length: SHOWN.rows * SHOWN.each }, (_, i) => {
    const found = gatherImages(
      file,
      Uint32Array.from(nearest[i]!, ({ index }) => index),
    );
    const missing = Array.from({ length: SHOWN.nearest - nearest[i]!.length }, () => gap);
    return [
      drawn[i]!,
      gap,
      ...greyImages(found),
      ...missing,
      ...(i % SHOWN.each < SHOWN.each - 1 ? [gap] : []),
    ];
  });
  const columns = SHOWN.each * (2 + SHOWN.nearest) + SHOWN.each - 1;
  const picture = digitsPicture(tiles.flat(), columns, {
    alt: `${SHOWN.rows * SHOWN.each} draws, each to the left of its ${SHOWN.nearest} nearest training images`,
  });
  const distances = [nearest, real].map((all) => all.map(([first]) => first!.distance));
  const [ofDraws, ofReal] = distances as [number[], number[]];
  const limit = quantile(ofReal, NEAR);
  const near = ofDraws.filter((distance) => distance < limit).length / ofDraws.length;
  return {
    name: "neighbours",
    title: "Nearest training images",
    pictures: [picture, { svg: histogram(ofDraws, ofReal) }],
    caption:
      `Pictures: draws by default, each to the left of the ${SHOWN.nearest} training images that are nearest to it (Euclidean, grey ` +
      `levels from 0 to 1). Plot: the distance to the nearest one of ${grouped(training.length)}, of ${grouped(ofDraws.length)} draws ` +
      `and of ${grouped(ofReal.length)} test images, in bins of equal width. Medians are ${quantile(ofDraws, 0.5).toFixed(2)} and ` +
      `${quantile(ofReal, 0.5).toFixed(2)}; ${percent(near)} of the draws, and ${percent(NEAR)} of the test images, are nearer than ` +
      `${limit.toFixed(2)}: a model that copies has many there, and so has one that blurs.`,
  };
}

/** Two outlines over the same bins. */
function histogram(ofDraws: readonly number[], ofReal: readonly number[]): string {
  const most = Math.ceil(Math.max(...ofDraws, ...ofReal));
  const sharesOf = (values: readonly number[], set: string) => {
    const counts = new Array<number>(BINS).fill(0);
    for (const value of values) counts[Math.min(BINS - 1, Math.floor((value / most) * BINS))]! += 1;
    return counts.map((count, i) => ({
      set,
      x: ((i + 0.5) * most) / BINS,
      share: (100 * count) / values.length,
    }));
  };
  const [draws, real] = [sharesOf(ofDraws, "draws"), sharesOf(ofReal, "test images")];
  const top = (points: typeof draws) => points.reduce((a, b) => (b.share > a.share ? b : a));
  return plot({
    width: 460,
    height: 320,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 44,
    ariaLabel: "Distances of draws and of test images to the nearest training image",
    x: { label: "Distance to the nearest training image", domain: [0, most] },
    y: { label: "Share of images, %", grid: true },
    marks: [
      Plot.areaY(real, { x: "x", y: "share", fill: "var(--muted)", fillOpacity: 0.25, curve: "step" }),
      Plot.lineY(real, { x: "x", y: "share", stroke: "var(--muted)", curve: "step" }),
      Plot.lineY(draws, { x: "x", y: "share", stroke: "var(--series-0)", strokeWidth: 2, curve: "step" }),
      Plot.text([top(real), top(draws)], {
        x: "x",
        y: "share",
        text: "set",
        dy: -10,
        fill: ({ set }: { set: string }) => (set === "draws" ? "var(--series-0)" : "var(--muted)"),
        stroke: "var(--paper)",
        strokeWidth: 4,
        fontWeight: 600,
      }),
      Plot.ruleY([0], { stroke: "var(--ink)" }),
    ],
  });
}

function quantile(values: readonly number[], rank: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(rank * values.length)]!;
}
