// How likely a latent is under a flow, by the change of variables: log p(z) = log N(noise) - log |det dz/dnoise|.

import { determinant, Matrix } from "ml-matrix";
import type { FlowLatent } from "../../../shared/latent/flow/latent.ts";
import { type LearnedPrior, logNormal } from "../gaussian/surgery.ts";

/** From a noise to the next one of a finite difference, as in the search for the noise. */
const STEP = 2 ** -8;

/** Each takes a few hundred evaluations of the flow. */
const DRAWS = 500;

/**
 * The flow as a prior. A latent's density is that of the nearest latent that the flow draws, as the likeliest digit and
 * without guidance; other digits, and other noises that lead there, would only add to it.
 */
export function flowPrior({ findNoise, readDigit, latents, shares }: FlowLatent): LearnedPrior {
  const logDensity = (latent: Float32Array) => {
    const probabilities = readDigit(latent);
    const digit = probabilities.indexOf(Math.max(...probabilities));
    const condition = Float32Array.from({ length: shares.length + 1 }, (_, i) => (i === digit ? 1 : 0));
    const noise = Float32Array.from(findNoise(latent).numbers.noise!);
    const probes = Array.from(noise, (value, i) => noise.with(i, value + STEP));
    const [found, ...moved] = latents([noise, ...probes].map((one) => ({ noise: one, condition })));
    const jacobian = moved.map((row, i) =>
      Array.from(row, (value, j) => (value - found![j]!) / (probes[i]![i]! - noise[i]!)),
    );
    const stretch = Math.log(Math.abs(determinant(new Matrix(jacobian))));
    return Math.log(shares[digit]!) + logNormal(noise) - stretch;
  };
  return { name: "flow", logDensity, draws: DRAWS };
}
