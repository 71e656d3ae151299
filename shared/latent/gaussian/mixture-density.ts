// How likely a latent is under a release's mixture, and which digit it stands for. In the project's own arithmetic, so
// every engine gives the same numbers.

import { exp, ln } from "../../arithmetic/transcendental.ts";
import { ArgumentError } from "../../errors.ts";
import { type Mixture, type MixtureComponent, triangleSize } from "./mixture.ts";

/**
 * Log density of a latent under the mixture, nats; -Infinity for a digit without components.
 * @param point  [d]
 * @param digit  gives log p(z | digit) instead of log p(z)
 * @throws ArgumentError when the point's length is not the mixture's latentDim
 */
export function logDensity(mixture: Mixture, point: ArrayLike<number>, digit?: number): number {
  checkPoint(mixture, point);
  return logSumExp(
    mixture.classes.flatMap(({ prior, components }, at) => {
      if (digit !== undefined && digit !== at) return [];
      const share = digit === undefined ? prior : 1;
      return components.map((component) => logGaussian(component, point) + ln(share * component.weight));
    }),
  );
}

/**
 * p(digit | z) by Bayes' rule: the digit's share of the mixture's density at the latent. Overconfident between classes, as
 * the densities are fitted without the latents that lie among other digits (trainer/latent/gaussian/edit.ts).
 * @param point  [d]
 * @returns by digit, sum 1
 * @throws ArgumentError when the point's length is not the mixture's latentDim
 */
export function classProbabilities(mixture: Mixture, point: ArrayLike<number>): number[] {
  checkPoint(mixture, point);
  const logs = mixture.classes.map(({ prior, components }) =>
    logSumExp(components.map((component) => logGaussian(component, point) + ln(prior * component.weight))),
  );
  const total = logSumExp(logs);
  return logs.map((log) => exp(log - total));
}

function checkPoint({ latentDim }: Mixture, point: ArrayLike<number>): void {
  if (point.length === latentDim) return;
  throw new ArgumentError(`a latent has ${latentDim} numbers, found ${point.length}`);
}

/** log N(point; mean, factor factor^T), by forward substitution. */
function logGaussian({ mean, factor }: MixtureComponent, point: ArrayLike<number>): number {
  const d = mean.length;
  const whitened = new Float64Array(d);
  let log = (-d / 2) * ln(2 * Math.PI);
  for (let i = 0; i < d; i++) {
    let rest = point[i]! - mean[i]!;
    const row = triangleSize(i);
    for (let j = 0; j < i; j++) rest -= factor[row + j]! * whitened[j]!;
    const pivot = factor[row + i]!;
    whitened[i] = rest / pivot;
    log -= ln(pivot) + 0.5 * whitened[i]! * whitened[i]!;
  }
  return log;
}

function logSumExp(logs: readonly number[]): number {
  const best = Math.max(-Infinity, ...logs);
  if (best === -Infinity) return best;
  return best + ln(logs.reduce((sum, log) => sum + exp(log - best), 0));
}
