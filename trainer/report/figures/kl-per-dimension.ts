// What each latent dimension tells about the images.

import * as Plot from "@observablehq/plot";
import { grouped } from "../../evaluate/figures.ts";
import { plot } from "../../train/plot.ts";
import type { Figure } from "../figure.ts";

interface Dimensions {
  readonly images: number;
  /** By dimension, nats, [d]. */
  readonly klPerDimension: readonly number[];
  readonly kl: number;
}

/** @param isActive  of each dimension */
export function klFigure({ images, klPerDimension, kl }: Dimensions, isActive: readonly boolean[]): Figure {
  const bars = klPerDimension.map((nats, i) => ({ name: `z${i + 1}`, nats, active: isActive[i]! }));
  const ordered = bars.toSorted((a, b) => b.nats - a.nats);
  const active = isActive.filter((one) => one).length;
  const svg = plot({
    width: 640,
    height: 280,
    marginLeft: 44,
    marginTop: 28,
    marginBottom: 52,
    ariaLabel: `KL of ${bars.length} latent dimensions, from ${ordered[0]!.nats.toFixed(2)} to ${ordered.at(-1)!.nats.toFixed(2)} nats`,
    x: {
      label: "Latent dimension, by falling KL",
      domain: ordered.map(({ name }) => name),
      tickSize: 0,
      tickRotate: bars.length > 20 ? -90 : 0,
    },
    y: { label: "KL, nats per image", grid: true },
    marks: [
      Plot.barY(ordered, {
        x: "name",
        y: "nats",
        fill: ({ active: on }: { active: boolean }) => (on ? "var(--series-0)" : "var(--muted)"),
        inset: 0.5,
      }),
      Plot.ruleY([0], { stroke: "var(--ink)" }),
    ],
  });
  return {
    name: "kl-per-dimension",
    title: "KL of each dimension",
    pictures: [{ svg }],
    caption:
      `The KL of q(z|x) to N(0, 1) in one dimension at a time, in nats, the mean over ${grouped(images)} validation images; blue dimensions are active ` +
      "(the variance of their mean over the images is above 0.01), grey ones are not. The bars add up to the KL of the bound, " +
      `${kl.toFixed(2)} nats: ${describeActive(active, bars.length)}`,
  };
}

function describeActive(active: number, all: number): string {
  if (active === all) return "every dimension carries a share of it.";
  return `${active} of ${all} dimensions carry it, and the decoder hears nothing from the others.`;
}
