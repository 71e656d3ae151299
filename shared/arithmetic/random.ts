// Randomness of scheme s1: string -> 128-bit hash -> generator -> uniform and standard normal numbers. Everything
// else that is random in the project (splits, shuffles, training noise) is drawn from it too, by name.

import { SeedError } from "../errors.ts";
import { inverseNormalCdf } from "./transcendental.ts";

export const MAX_SEED_LENGTH = 128;
/** Characters that `memberSeed` adds at most. */
export const MEMBER_SEED_SUFFIX = 4;

/** Next 32 random bits, an unsigned integer. */
export type Generator = () => number;

/**
 * The generator of a seed: MurmurHash3 x86 128 (Appleby 2011) of the seed's UTF-8 bytes gives the
 * state of xoshiro128** 1.1 (Blackman & Vigna 2018), whose first 16 outputs are dropped, because the hash of
 * four bytes or fewer has three equal words.
 * @throws SeedError
 */
export function createGenerator(seed: string): Generator {
  // Code points are counted only where code units, which are quicker to count, may be too many.
  const length = seed.length <= MAX_SEED_LENGTH ? seed.length : [...seed].length;
  if (length < 1 || length > MAX_SEED_LENGTH) {
    throw new SeedError(`a seed has 1 to ${MAX_SEED_LENGTH} characters, found ${length}`);
  }
  const [h1, h2, h3, h4] = murmur3(seed);
  // The all-zero state would never change; no seed is known to lead to it.
  const next = xoshiro128(h1, h2, h3, h4 | (h1 | h2 | h3 | h4 ? 0 : 1));
  for (let i = 0; i < 16; i++) next();
  return next;
}

/**
 * One of many seeds that derive from one: "42/0", "42/1", ... It is a seed like any other.
 * @param index  from 0 to 999
 */
export function memberSeed(seed: string, index: number): string {
  return `${seed}/${index}`;
}

/** Uniform in (0, 1), both ends excluded: the midpoints of 2^32 equal cells. */
export function uniform(next: Generator): number {
  return (next() + 0.5) / 4294967296;
}

/** The first index whose cumulative share exceeds u; the sum of the shares may differ from 1 by rounding. */
export function choose(u: number, shares: readonly number[]): number {
  const target = u * shares.reduce((sum, share) => sum + share, 0);
  let cumulative = 0;
  return shares.findIndex((share) => {
    cumulative += share;
    return cumulative > target;
  });
}

/** Fills `out` with draws from N(0, 1), one generator step each, and returns it. */
export function sampleNormal(next: Generator, out: Float32Array): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = inverseNormalCdf(uniform(next));
  return out;
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function xoshiro128(s0: number, s1: number, s2: number, s3: number): Generator {
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotateLeft(s3, 11);
    return result;
  };
}

// Of murmur3, per lane: multiplier before (the next lane's is that after), rotation before and after, constant.
const MULTIPLY = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
const ROTATE_KEY = [15, 16, 17, 18];
const ROTATE_HASH = [19, 17, 15, 13];
const ADD = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17];

const encoder = new TextEncoder();

/**
 * MurmurHash3_x86_128 with seed 0, as four signed 32-bit words.
 * @param text  its UTF-8 bytes, or bytes
 */
export function murmur3(text: string | Uint8Array): [number, number, number, number] {
  const key = typeof text === "string" ? encoder.encode(text) : text;
  const h = new Int32Array(4);
  const mixKey = (at: number, lane: number) => {
    const k = Math.imul(wordAt(key, at + 4 * lane), MULTIPLY[lane]!);
    h[lane]! ^= Math.imul(rotateLeft(k, ROTATE_KEY[lane]!), MULTIPLY[(lane + 1) % 4]!);
  };

  // Body: blocks of four words.
  const blocksEnd = key.length & ~15;
  for (let at = 0; at < blocksEnd; at += 16) {
    for (let lane = 0; lane < 4; lane++) {
      mixKey(at, lane);
      const mixed = rotateLeft(h[lane]!, ROTATE_HASH[lane]!) + h[(lane + 1) % 4]!;
      h[lane] = Math.imul(mixed, 5) + ADD[lane]!;
    }
  }

  // Tail: the last 0 to 15 bytes.
  for (let lane = 0; lane < 4; lane++) mixKey(blocksEnd, lane);

  // Finalisation.
  const mixAll = () => {
    h[0] = h[0]! + h[1]! + h[2]! + h[3]!;
    for (let lane = 1; lane < 4; lane++) h[lane]! += h[0];
  };
  for (let lane = 0; lane < 4; lane++) h[lane]! ^= key.length;
  mixAll();
  for (let lane = 0; lane < 4; lane++) h[lane] = fmix32(h[lane]!);
  mixAll();
  return [h[0]!, h[1]!, h[2]!, h[3]!];
}

/** Four bytes of a key, the lowest first; zeros beyond its end. */
function wordAt(key: Uint8Array, at: number): number {
  return key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
}

/** MurmurHash3's finaliser for 32 bits: every bit of the result depends on all of them. */
export function fmix32(k: number): number {
  k = Math.imul(k ^ (k >>> 16), 0x85ebca6b);
  k = Math.imul(k ^ (k >>> 13), 0xc2b2ae35);
  return k ^ (k >>> 16);
}
