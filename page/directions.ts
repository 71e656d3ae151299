// The directions along which a model's digits differ most: principal directions of the covariance of its latents (Jolliffe
// 2002), from the mixture where there is one, else from draws. A latent is given by its standard deviations along them.

import { symmetricEigen } from "../shared/arithmetic/linear-algebra.ts";
import { type Mixture, triangleSize } from "../shared/latent/gaussian/mixture.ts";

export interface Directions {
  /** Mean of all latents, [d]. */
  readonly mean: Float64Array;
  /** By variance, the greatest first. */
  readonly axes: readonly Axis[];
}

interface Axis {
  /** [d], of length 1; its largest number is positive, so that the direction has one sign everywhere. */
  readonly vector: Float64Array;
  readonly deviation: number;
  /** Share of the total variance, 0 to 1. */
  readonly share: number;
}

/** By the law of total variance: covariances of the components, and of their means about the mean of all. */
export function findDirections({ latentDim: d, classes }: Mixture): Directions {
  const components = classes.flatMap(({ prior, components }) =>
    components.map(({ weight, mean, factor }) => ({ share: prior * weight, mean, factor })),
  );
  return directionsOf(components, d);
}

/** Directions of draws, float32 [d] each. */
export function directionsOfDraws(latents: readonly Float32Array[]): Directions {
  return directionsOf(
    latents.map((mean) => ({ share: 1, mean })),
    latents[0]!.length,
  );
}

interface Part {
  readonly share: number;
  readonly mean: Float32Array;
  /** Lower triangle of the covariance's factor; a single point has none. */
  readonly factor?: Float32Array;
}

function directionsOf(parts: readonly Part[], d: number): Directions {
  const total = parts.reduce((sum, { share }) => sum + share, 0);
  const mean = new Float64Array(d);
  for (const { share, mean: own } of parts) {
    own.forEach((value, i) => {
      mean[i]! += (share / total) * value;
    });
  }
  const covariance = new Float64Array(d * d);
  for (const { share, mean: own, factor } of parts) {
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        let value = (own[i]! - mean[i]!) * (own[j]! - mean[j]!);
        const [a, b] = [triangleSize(i), triangleSize(j)];
        for (let k = 0; factor && k <= Math.min(i, j); k++) value += factor[a + k]! * factor[b + k]!;
        covariance[i * d + j]! += (share / total) * value;
      }
    }
  }
  const { values, vectors } = symmetricEigen(covariance, d);
  const variance = values.reduce((sum, value) => sum + value, 0);
  const axes = Array.from(values, (value, i): Axis => {
    const vector = vectors.slice(i * d, (i + 1) * d);
    const largest = vector.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
    return {
      vector: largest < 0 ? vector.map((x) => -x) : vector,
      deviation: Math.sqrt(Math.max(0, value)),
      share: value / variance,
    };
  }).toSorted((a, b) => b.deviation - a.deviation);
  return { mean, axes };
}

/** Where a latent lies, in standard deviations along each axis. */
export function toDials({ mean, axes }: Directions, latent: ArrayLike<number>): number[] {
  return axes.map(({ vector, deviation }) => {
    const projection = vector.reduce((sum, value, i) => sum + value * (latent[i]! - mean[i]!), 0);
    return deviation > 0 ? projection / deviation : 0;
  });
}

/** The inverse of `toDials`. */
export function fromDials({ mean, axes }: Directions, dials: readonly number[]): Float32Array {
  const latent = mean.slice();
  axes.forEach(({ vector, deviation }, axis) => {
    vector.forEach((value, i) => {
      latent[i]! += dials[axis]! * deviation * value;
    });
  });
  return Float32Array.from(latent);
}
