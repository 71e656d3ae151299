// The generator of trainer/backend/webgpu/random.ts in another language: PCG4D (Jarzynski & Olano 2020), Box & Muller.

import { murmur3 } from "../../../../shared/arithmetic/random.ts";

export interface Counter {
  readonly element: number;
  /** Of the epoch, from 0. */
  readonly step: number;
  readonly epoch: number;
  readonly stream?: number;
}

/** 128 random bits as four words. */
export function deviceBits(seed: string, { element, step, epoch, stream = 0 }: Counter) {
  const [a, b] = murmur3(`${seed}/device`);
  let [x, y, z, w] = [element, step, epoch ^ a, stream ^ b].map(
    (word) => (Math.imul(word, 1664525) + 1013904223) | 0,
  ) as [number, number, number, number];
  const mix = () => {
    x = (x + Math.imul(y, w)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
    w = (w + Math.imul(y, z)) | 0;
  };
  mix();
  [x, y, z, w] = [x ^ (x >>> 16), y ^ (y >>> 16), z ^ (z >>> 16), w ^ (w >>> 16)];
  mix();
  return [x >>> 0, y >>> 0, z >>> 0, w >>> 0] as const;
}

export function deviceUniform(bits: number): number {
  return ((bits >>> 9) + 0.5) / 2 ** 23;
}

export function deviceNormal(seed: string, counter: Counter): number {
  const [x, y] = deviceBits(seed, counter);
  return Math.sqrt(-2 * Math.log(deviceUniform(x))) * Math.cos(2 * Math.PI * deviceUniform(y));
}
