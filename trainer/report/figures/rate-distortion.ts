// Rate against distortion of several runs (Alemi et al. 2018, https://arxiv.org/abs/1711.00464).

import * as Plot from "@observablehq/plot";
import { plot } from "../../train/plot.ts";
import type { Figure } from "../figure.ts";

/** Nats per validation image. */
export interface RateDistortion {
  readonly name: string;
  readonly beta: number;
  /** What else it was trained with: points of the same are joined. */
  readonly setting: string;
  readonly distortion: number;
  /** The KL to N(0, I), and to the prior that it draws from by default. */
  readonly rate: number;
  readonly learned?: { readonly name: string; readonly rate: number } | undefined;
}

export function rateDistortionFigure(runs: readonly RateDistortion[]): Figure {
  const points = runs.toSorted((a, b) => a.beta - b.beta);
  const learned = points.flatMap((point) => (point.learned ? [{ ...point, rate: point.learned.rate }] : []));
  const settings = new Set(points.map(({ setting }) => setting));
  const isSweep = settings.size === 1;
  const sums = points.map(({ rate, distortion }) => rate + distortion);
  const best = points[sums.indexOf(Math.min(...sums))]!;
  const rates = [...points, ...learned].map(({ rate }) => rate);
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  const margin = 0.06 * (high - low || 1);
  // A diagonal of equal negative ELBO, through the best point.
  const elbo = Math.min(...sums);
  const diagonal = [low - margin, high + margin].map((rate) => ({ rate, distortion: elbo - rate }));
  const line = (of: typeof points, colour: string, dash?: string) => [
    Plot.lineY(of, {
      x: "rate",
      y: "distortion",
      z: "setting",
      stroke: colour,
      ...(dash && { strokeDasharray: dash }),
    }),
    Plot.dot(of, { x: "rate", y: "distortion", fill: colour, r: 4 }),
  ];
  const across = points.map(({ distortion }) => distortion);
  const room = 0.08 * (Math.max(...across) - Math.min(...across) || 1);
  const distortions = [Math.min(...across) - room, Math.max(...across) + room];
  const svg = plot({
    width: 640,
    height: 420,
    marginLeft: 52,
    marginRight: 60,
    marginTop: 30,
    marginBottom: 44,
    ariaLabel: `Rate and distortion of ${points.map(({ name }) => name).join(", ")}`,
    x: { label: "Rate: KL to the prior, nats per image", grid: true, domain: [low - margin, high + margin] },
    y: { label: "Distortion: reconstruction, nats per image", grid: true, zero: false, domain: distortions },
    marks: [
      Plot.lineY(diagonal, {
        x: "rate",
        y: "distortion",
        stroke: "var(--muted)",
        strokeDasharray: "2 4",
        clip: true,
      }),
      ...line(learned, "var(--series-1)", "5 4"),
      ...line(points, "var(--series-0)"),
      Plot.text(points, {
        x: "rate",
        y: "distortion",
        text: ({ name, beta }: RateDistortion) => (isSweep ? `\u03b2 ${beta}` : name),
        textAnchor: "start",
        dx: 8,
        dy: -8,
        fill: "var(--ink)",
        stroke: "var(--paper)",
        strokeWidth: 4,
      }),
    ],
  });
  const others = [...new Set(learned.map((point) => point.learned!.name))].join(" or ");
  const orange = others && `; orange, dashed: the same under the ${others} that the run draws from`;
  return {
    name: "rate-distortion",
    title: "Rate and distortion",
    pictures: [{ svg }],
    caption:
      "A point for each run, on its validation images; runs that differ in beta alone are joined. Blue: the rate under N(0, I), as " +
      `it is trained${orange}. On the dotted diagonal the negative ELBO is ${elbo.toFixed(1)} nats, as that of ` +
      `${isSweep ? `beta ${best.beta}` : best.name}: a smaller beta buys a better reconstruction with a higher rate` +
      `${others ? `, and the wider the way from blue to orange, the worse N(0, I) fits the latents.` : "."}`,
  };
}
