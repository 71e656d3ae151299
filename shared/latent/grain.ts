// The noise of decoders that have layers of it, as a part of the latent: one number more than the decoder takes, the grain.
// Kinds of latent know nothing of it.
//
// Scheme n1, beside that of the kind (noise.ts has the other half):
//   - a seed's grain is fmix32 of the first word of its MurmurHash3, without the 8 lowest bits, or 1 where that is 0;
//   - in the latent it is divided by 2^24;
//   - at temperature 0 it is 0, which stands for no noise, as it does where a latent is read from a picture;
//   - a walk has the grain of its first draw throughout.

import { fmix32, murmur3 } from "../arithmetic/random.ts";
import { GRAINS, grainOf } from "../decoder/noise.ts";
import type { LatentChoice, LatentDraw, LatentPoint, OpenLatent } from "./latent-kind.ts";

export const GRAIN_SCHEME = "n1";

/** The grain of a seed, a whole number. */
export function seedGrain(seed: string, { temperature = 1 }: LatentChoice = {}): number {
  if (temperature === 0) return 0;
  const [first] = murmur3(seed);
  return fmix32(first) >>> 8 || 1;
}

/**
 * A release's latent whose draws have a grain.
 * @param dim  numbers that the decoder takes
 */
export function withGrain<Latent extends OpenLatent>(inner: Latent, dim: number): Latent {
  const own = (latent: Float32Array) => latent.subarray(0, dim);
  const grained = <Point extends LatentPoint>(point: Point, grain: number): Point => {
    const latent = new Float32Array(dim + 1);
    latent.set(point.latent);
    latent[dim] = grain / GRAINS;
    return { ...point, latent, numbers: { ...point.numbers, latent } };
  };
  const draw = <Draw extends LatentDraw>(drawn: Draw, choice: LatentChoice) =>
    grained(drawn, seedGrain(drawn.seed, choice));
  const { findNoise, readDigit, vary } = inner;
  return {
    ...inner,
    draw: (seed, choice) => draw(inner.draw(seed, choice), choice),
    drawAll: (requests) => inner.drawAll(requests).map((drawn, i) => draw(drawn, requests[i]!)),
    walk: (draws, walk) => {
      const plain = draws.map((drawn) => ({ ...drawn, latent: own(drawn.latent) }));
      const grain = grainOf(draws[0]?.latent ?? [], dim);
      return inner.walk(plain, walk).map((point) => grained(point, grain));
    },
    nearest: (latent) => ({ latent, values: latent }),
    decode: (values) => {
      grainOf(values, dim);
      return Float32Array.from(values);
    },
    ...(readDigit && { readDigit: (latent: Float32Array) => readDigit(own(latent)) }),
    ...(findNoise && { findNoise: (latent: Float32Array) => findNoise(own(latent)) }),
    ...(vary && {
      vary: (latent: Float32Array, steps: readonly Float32Array[]) =>
        vary(own(latent), steps).map((varied) => Float32Array.of(...varied, ...latent.subarray(dim))),
    }),
  };
}
