// The noise of a decoder's noise layers. A latent's grain tells all of it, so that a digit is the same picture in every engine.

import { fmix32, type Generator, uniform } from "../arithmetic/random.ts";
import { ArgumentError } from "../errors.ts";

/** Grains are whole numbers below this, 0 for no noise. In a latent they are divided by it, which float32 holds exactly. */
export const GRAINS = 2 ** 24;
/** Planes that one layer may have. */
const MOST_PLANES = 16;
/** From a layer's plane to the next one's numbers: 2^32 divided by the golden ratio, made odd. */
const KEY_STEP = 0x9e3779b1;
/** Of 32 random bits, as many as are set have mean 16 and deviation sqrt(8). */
const [MEAN, SCALE] = [16, Math.fround(Math.SQRT1_2 / 2)];

/**
 * One layer's noise, nearly N(0, 1): the number of set bits of a hash (MurmurHash3's finaliser) of place and key, less 16,
 * over sqrt(8).
 * @param grain  0 to GRAINS - 1
 * @param layer  its place in the decoder
 * @param places  pixels of a plane, row by row
 * @returns float32 [places, planes]; zeros for grain 0
 */
export function noiseOf(grain: number, layer: number, places: number, planes: number): Float32Array {
  const noise = new Float32Array(places * planes);
  if (grain === 0) return noise;
  for (let plane = 0; plane < planes; plane++) {
    const key = fmix32((grain + firstKey(layer) + Math.imul(plane, KEY_STEP)) | 0);
    for (let place = 0; place < places; place++) {
      noise[place * planes + plane] = (setBits(fmix32((key + place) | 0)) - MEAN) * SCALE;
    }
  }
  return noise;
}

/**
 * The grain that a latent's last number tells; 0 where there is none.
 * @param latent  as many numbers as the decoder takes, or one more, from 0 to below 1
 * @throws ArgumentError
 */
export function grainOf(latent: ArrayLike<number>, dim: number): number {
  const share = latent[dim] ?? 0;
  if (share >= 0 && share < 1) return Math.floor(share * GRAINS);
  throw new ArgumentError(`a latent's grain is from 0 to below 1, found ${share}`);
}

/** What is added to a grain for the first plane of a layer; KEY_STEP more for each further one. */
export function firstKey(layer: number): number {
  return Math.imul(layer * MOST_PLANES + 1, KEY_STEP);
}

/** A grain that stands for noise. */
export function drawGrain(next: Generator): number {
  return 1 + Math.floor(uniform(next) * (GRAINS - 1));
}

/** How many of 32 bits are 1. */
function setBits(x: number): number {
  const pairs = x - ((x >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
