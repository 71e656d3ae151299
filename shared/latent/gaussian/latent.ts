// A release's Gaussian latent, ready to use: drawn from the release's mixture, or from N(0, I).

import type { LatentChoice, OpenLatent } from "../latent-kind.ts";
import { walkLatents } from "../walk.ts";
import type { Mixture } from "./mixture.ts";
import { classProbabilities } from "./mixture-density.ts";
import { drawFromSeed } from "./sample.ts";

/** @param fileBytes  size of the mixture's file, beside which it is unpacked */
export function createGaussianLatent(dim: number, mixture: Mixture | undefined, fileBytes = 0): OpenLatent {
  const draw = (seed: string, choice: LatentChoice) => {
    const drawn = drawFromSeed(seed, choice, dim, mixture);
    return { ...drawn, numbers: { latent: drawn.latent } };
  };
  return {
    digits: mixture?.classes.flatMap(({ components }, digit) => (components.length > 0 ? [digit] : [])) ?? [],
    draw,
    drawAll: (requests) => requests.map(({ seed, ...choice }) => draw(seed, choice)),
    walk: (draws, walk) => {
      const waypoints = draws.map(({ latent }) => latent);
      return walkLatents(waypoints, walk).map((latent) => ({ latent, numbers: { latent } }));
    },
    // q(z | x) = N(mu, exp(logVar)), whose mean is its best latent.
    encode: (outputs) => {
      const [mu, logVar] = [outputs.slice(0, dim), outputs.slice(dim)];
      return { latent: mu, numbers: { mu, logVar } };
    },
    nearest: (latent) => ({ latent, values: latent }),
    decode: (values) => Float32Array.from(values),
    readDigit: mixture && ((latent) => classProbabilities(mixture, latent)),
    mixture,
    bytes: 2 * fileBytes,
  };
}
