// The figures of a report that explain a Gaussian latent: what each dimension tells, what the KL pays for, and what each
// dimension draws.

import { latentDim } from "../../../shared/latent/kind.ts";
import { partsFigure } from "../../report/figures/kl-parts.ts";
import { klFigure } from "../../report/figures/kl-per-dimension.ts";
import { traversalsFigure } from "../../report/figures/traversals.ts";
import type { Anatomy, DissectedRun } from "../../report/reported-run.ts";
import { isActive } from "./active-units.ts";
import { createAutoencoder } from "./autoencoder.ts";
import { dissect, type LearnedPrior } from "./surgery.ts";

const SEED = "report";

/** @param learned  what it draws from by default */
export function gaussianAnatomy(run: DissectedRun, learned: LearnedPrior | undefined): Anatomy {
  const { config, tensors, decoder, images } = run;
  const dim = latentDim(config.spec);
  const { encode } = createAutoencoder(config.spec, { encoder: tensors, decoder: tensors });
  const posterior = encode(images.validation);
  const dissection = dissect(posterior, dim, learned, SEED);
  const { klPerDimension, variances } = dissection;
  const active = variances.map((variance) => isActive(variance));
  const dimensions = variances
    .map((variance, index) => ({
      index,
      kl: klPerDimension[index]!,
      mean: meanOf(posterior.mu, index, dim),
      deviation: Math.sqrt(variance),
    }))
    .filter(({ index }) => active[index])
    .toSorted((a, b) => b.kl - a.kl);
  return {
    figures: [
      klFigure(dissection, active),
      partsFigure(dissection),
      ...(dimensions.length > 0 ? [traversalsFigure(decoder, posterior.mu.slice(0, dim), dimensions)] : []),
    ],
    ...(dissection.learned && {
      learned: { name: dissection.learned.name, rate: dissection.learned.rate.mean },
    }),
  };
}

function meanOf(mu: Float32Array, unit: number, d: number): number {
  let sum = 0;
  for (let i = unit; i < mu.length; i += d) sum += mu[i]!;
  return sum / (mu.length / d);
}
