// A release's Gaussian latent, ready to use: drawn from the release's mixture, or from N(0, I).

import type { OpenLatent } from "../latent-kind.ts";
import type { Mixture } from "./mixture.ts";
import { drawFromSeed } from "./sample.ts";

/** @param fileBytes  size of the mixture's file, beside which it is unpacked */
export function createGaussianLatent(dim: number, mixture: Mixture | undefined, fileBytes = 0): OpenLatent {
  return {
    digits: mixture?.classes.flatMap(({ components }, digit) => (components.length > 0 ? [digit] : [])) ?? [],
    draw: (seed, choice) => {
      const drawn = drawFromSeed(seed, choice, dim, mixture);
      return { ...drawn, numbers: { latent: drawn.latent } };
    },
    // q(z | x) = N(mu, exp(logVar)), whose mean is its best latent.
    encode: (outputs) => {
      const [mu, logVar] = [outputs.slice(0, dim), outputs.slice(dim)];
      return { latent: mu, numbers: { mu, logVar } };
    },
    nearest: (latent) => ({ latent, values: latent }),
    decode: (values) => Float32Array.from(values),
    mixture,
    bytes: 2 * fileBytes,
  };
}
