// What the KL of the bound is made of (Hoffman & Johnson 2016, "ELBO surgery", http://approximateinference.org/accepted/HoffmanJohnson2016.pdf):
//   mean of KL(q(z|x) || p(z)) = I(n; z) + KL(q(z) || p(z)),
// with q(z) the mean of the posteriors of N images and n the number of one of them. The first term is what a latent tells
// about its image, whatever the prior; the second is how far the prior is from the latents that the decoder knows.

import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import type { Figure } from "../../evaluate/evaluation.ts";
import { figureOf, grouped } from "../../evaluate/figures.ts";
import { activeUnits } from "./active-units.ts";
import type { Posterior } from "./autoencoder.ts";

/** Nats: a mean over draws, and its standard error. */
export interface Estimate {
  readonly mean: number;
  readonly error: number;
}

/** What a model draws from instead of N(0, I). */
export interface LearnedPrior {
  readonly name: string;
  /** Of a latent, float32 [d]: nats. */
  readonly logDensity: (latent: Float32Array) => number;
  /** For which it is computed, at most. */
  readonly draws: number;
}

/** Nats per image. */
export interface Dissection {
  /** N, and the draws of q(z) by which the information is estimated. */
  readonly images: number;
  readonly draws: number;
  /** KL(q(z_i|x) || N(0, 1)) of each dimension, [d], and the variance of its mean over the images, [d]. */
  readonly klPerDimension: readonly number[];
  readonly variances: readonly number[];
  /** The rate under N(0, I). */
  readonly kl: number;
  readonly information: Estimate;
  readonly learned?: { readonly name: string; readonly draws: number; readonly rate: Estimate };
}

/** Of images that are encoded once and compared with all others; more draws cost seconds and change the third digit. */
const DRAWS = 2000;
/** A posterior this many nats less likely than the best one has nothing to add. */
const NEGLIGIBLE_NATS = 40;

/** @param seed  of the draws */
export function dissect(
  posterior: Posterior,
  d: number,
  learned: LearnedPrior | undefined,
  seed: string,
): Dissection {
  const all = drawPosteriors(posterior, seed);
  const draws = (most: number) => all.subarray(0, most * d);
  const klPerDimension = klOfDimensions(posterior, d);
  return {
    images: posterior.mu.length / d,
    draws: draws(DRAWS).length / d,
    klPerDimension,
    variances: activeUnits(posterior.mu, d).variances,
    kl: klPerDimension.reduce((sum, kl) => sum + kl, 0),
    information: indexInformation(posterior, draws(DRAWS), d),
    ...(learned && {
      learned: {
        name: learned.name,
        draws: draws(learned.draws).length / d,
        rate: rateUnder(learned.logDensity, posterior, draws(learned.draws), d),
      },
    }),
  };
}

/** A dissection in the tables of an evaluation. */
export function surgeryFigures({
  images,
  draws,
  klPerDimension,
  kl,
  information,
  learned,
}: Dissection): Figure[] {
  const ascending = klPerDimension.toSorted((a, b) => a - b);
  const middle = ascending.length >> 1;
  const median = (ascending[middle]! + ascending.at(-middle - 1)!) / 2;
  const marginal = kl - information.mean;
  return [
    {
      name: "KL per dimension, nats",
      value: median,
      text: `${ascending[0]!.toFixed(2)} to ${ascending.at(-1)!.toFixed(2)}, median ${median.toFixed(2)}`,
    },
    {
      name: "Mutual information I(n; z), nats",
      value: information.mean,
      text: `${describe(information)} of at most ${Math.log(images).toFixed(2)} (${grouped(draws)} draws)`,
    },
    { name: "Marginal KL, q(z) to N(0, I), nats", value: marginal, text: marginal.toFixed(2) },
    ...(learned
      ? [
          {
            name: rateName(learned.name),
            value: learned.rate.mean,
            text: `${describe(learned.rate)} (${grouped(learned.draws)} draws)`,
          },
          {
            name: `Marginal KL, q(z) to the ${learned.name}, nats`,
            value: learned.rate.mean - information.mean,
            text: (learned.rate.mean - information.mean).toFixed(2),
          },
        ]
      : []),
  ];
}

/** For comparing the KL to a learned prior with that to N(0, I). */
export function learnedPriorOf(name: string) {
  return { name, rate: (figures: readonly Figure[]) => figureOf(figures, rateName(name))?.value };
}

function rateName(prior: string): string {
  return `KL to the ${prior} instead of N(0, I), nats`;
}

function describe({ mean, error }: Estimate): string {
  return `${mean.toFixed(2)} \u00b1 ${error.toFixed(2)}`;
}

/** KL(q(z_i|x) || N(0, 1)) of each dimension i, in closed form, mean over the images: nats, [d]. */
function klOfDimensions({ mu, logVar }: Posterior, d: number): number[] {
  const kl = new Array<number>(d).fill(0);
  const count = mu.length / d;
  for (let i = 0; i < mu.length; i++) {
    kl[i % d]! += (0.5 * (mu[i]! ** 2 + Math.exp(logVar[i]!) - 1 - logVar[i]!)) / count;
  }
  return kl;
}

/** One draw of each posterior, float32 [n, d], flat: n draws of q(z). */
export function drawPosteriors({ mu, logVar }: Posterior, seed: string): Float32Array {
  const noise = sampleNormal(createGenerator(seed), new Float32Array(mu.length));
  return noise.map((value, i) => mu[i]! + Math.exp(0.5 * logVar[i]!) * value);
}

/**
 * I(n; z) = log N - E[H[q(n|z)]], the entropy of each draw being exact over all N posteriors. It is at most log N, and in
 * expectation a lower bound of I(x; z) over all images that there could be.
 * @param draws  of q(z), float32 [draws, d], flat
 * @returns nats
 */
export function indexInformation(posterior: Posterior, draws: Float32Array, d: number): Estimate {
  const { mu, logVar } = posterior;
  const count = mu.length / d;
  const precision = Float64Array.from(logVar, (value) => Math.exp(-value));
  const peaks = new Float64Array(count);
  for (let i = 0; i < logVar.length; i++) peaks[Math.floor(i / d)]! -= 0.5 * logVar[i]!;
  const logs = new Float64Array(count);
  const found = Float64Array.from({ length: draws.length / d }, (_, draw) => {
    const from = draw * d;
    let best = -Infinity;
    for (let n = 0; n < count; n++) {
      let log = peaks[n]!;
      // It only falls from here.
      for (let i = 0, at = n * d; i < d && log >= best - NEGLIGIBLE_NATS; i++, at++) {
        log -= 0.5 * (draws[from + i]! - mu[at]!) ** 2 * precision[at]!;
      }
      logs[n] = log;
      if (log > best) best = log;
    }
    let [sum, weighted] = [0, 0];
    for (let n = 0; n < count; n++) {
      const below = logs[n]! - best;
      if (below < -NEGLIGIBLE_NATS) continue;
      sum += Math.exp(below);
      weighted += below * Math.exp(below);
    }
    return Math.log(count) - Math.log(sum) + weighted / sum;
  });
  return estimate(found);
}

/**
 * E[log q(z|x) - log p(z)], the mean KL to a prior p: an upper bound of I(x; z) for every p (Alemi et al. 2018,
 * https://arxiv.org/abs/1711.00464). The KL to N(0, I) is exact, so draws only tell how far p is from that.
 * @param logPrior  of a latent, float32 [d]: nats
 * @param draws  of the first posteriors, one each, float32 [draws, d], flat
 * @returns nats per image
 */
export function rateUnder(
  logPrior: (latent: Float32Array) => number,
  posterior: Posterior,
  draws: Float32Array,
  d: number,
): Estimate {
  const kl = klOfDimensions(posterior, d).reduce((sum, value) => sum + value, 0);
  const differences = Float64Array.from({ length: draws.length / d }, (_, i) => {
    const latent = draws.subarray(i * d, (i + 1) * d);
    return logNormal(latent) - logPrior(latent);
  });
  const { mean, error } = estimate(differences);
  return { mean: kl + mean, error };
}

/** log N(latent; 0, I), nats. */
export function logNormal(latent: Float32Array): number {
  return latent.reduce((log, value) => log - 0.5 * (value * value + Math.log(2 * Math.PI)), 0);
}

function estimate(values: Float64Array): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}
