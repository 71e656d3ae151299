// What the KL of the bound pays for (Hoffman & Johnson 2016): information about the image, and the gap between the latents
// that images have and the prior. One bar for N(0, I), and one for the prior that the model learned afterwards.

import * as Plot from "@observablehq/plot";
import { grouped } from "../../evaluate/figures.ts";
import { plot } from "../../train/plot.ts";
import type { Figure } from "../figure.ts";

export interface KlParts {
  readonly images: number;
  readonly draws: number;
  /** To N(0, I), nats per image. */
  readonly kl: number;
  /** I(n; z), nats. */
  readonly information: { readonly mean: number; readonly error: number };
  readonly learned?: {
    readonly name: string;
    readonly draws: number;
    readonly rate: { readonly mean: number; readonly error: number };
  };
}

const PARTS = ["information", "information or gap", "gap"] as const;
const COLOURS = ["var(--series-0)", "var(--line)", "var(--series-1)"];

export function partsFigure(parts: KlParts): Figure {
  const { images, kl, information, learned } = parts;
  const rates = [
    { prior: "N(0, I)", rate: kl },
    ...(learned ? [{ prior: learned.name, rate: learned.rate.mean }] : []),
  ];
  const least = Math.min(...rates.map(({ rate }) => rate));
  const known = learned ? least : information.mean;
  const segments = rates.flatMap(({ prior, rate }) =>
    [
      [0, information.mean],
      [information.mean, known],
      [known, rate],
    ].map(([from, to], i) => ({ prior, from: from!, to: to!, part: PARTS[i]! })),
  );
  const svg = plot({
    width: 640,
    height: 60 + 56 * rates.length,
    marginLeft: 70,
    marginRight: 52,
    marginTop: 30,
    marginBottom: 40,
    ariaLabel: rates.map(({ prior, rate }) => `KL to ${prior}: ${rate.toFixed(2)} nats`).join("; "),
    x: {
      label: "KL to the prior, nats per image",
      grid: true,
      domain: [0, 1.02 * Math.max(Math.log(images), ...rates.map(({ rate }) => rate))],
    },
    y: { label: null, domain: rates.map(({ prior }) => prior), tickSize: 0 },
    marks: [
      Plot.barX(
        segments.filter(({ from, to }) => to > from),
        {
          y: "prior",
          x1: "from",
          x2: "to",
          fill: ({ part }: { part: (typeof PARTS)[number] }) => COLOURS[PARTS.indexOf(part)]!,
          insetTop: 4,
          insetBottom: 4,
        },
      ),
      Plot.text(rates, {
        y: "prior",
        x: "rate",
        text: ({ rate }: { rate: number }) => rate.toFixed(2),
        textAnchor: "start",
        dx: 6,
        fill: "var(--ink)",
        fontWeight: 600,
      }),
      Plot.ruleX([Math.log(images)], { stroke: "var(--ink)", strokeDasharray: "3 3" }),
      Plot.text([Math.log(images)], {
        x: (value: number) => value,
        frameAnchor: "top",
        dy: -14,
        text: () => `log ${grouped(images)}`,
        fill: "var(--ink)",
      }),
    ],
  });
  return { name: "kl-parts", title: "What the KL pays for", pictures: [{ svg }], caption: describe(parts) };
}

function describe({ images, draws, kl, information, learned }: KlParts): string {
  const { mean, error } = information;
  const start =
    "The mean KL of q(z|x) to a prior is the mutual information of image and latent, I(n; z), plus the KL of all latents " +
    `together, q(z), to that prior (Hoffman & Johnson 2016). Blue: I(n; z) = ${mean.toFixed(2)} \u00b1 ${error.toFixed(2)} nats, ` +
    `by ${grouped(draws)} draws among ${grouped(images)} validation images, which can tell at most ${Math.log(images).toFixed(2)} (dashed). `;
  if (!learned) {
    return (
      `${start}Orange: what N(0, I) pays besides, ${(kl - mean).toFixed(2)} nats at most. The longer that part, the more ` +
      "latents N(0, I) draws that no image has, and the worse its samples."
    );
  }
  const { name, rate } = learned;
  const saved = kl - rate.mean;
  const both =
    `Grey: information or gap, which so few images cannot tell apart. The ${name} pays ${rate.mean.toFixed(2)} \u00b1 ` +
    `${rate.error.toFixed(2)} nats (${grouped(learned.draws)} draws). `;
  if (saved <= 0) {
    return `${start}${both}Orange: the ${name} pays ${(-saved).toFixed(2)} nats more than N(0, I), so it is no better a prior of these latents.`;
  }
  return (
    `${start}${both}Orange: N(0, I) pays ${saved.toFixed(2)} nats more, so the latents of images are ${grouped(Number(Math.exp(saved).toPrecision(2)))} times ` +
    `less likely under it than under the ${name}; it draws others instead, which the decoder has not seen.`
  );
}
