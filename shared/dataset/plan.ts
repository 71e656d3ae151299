// What the image at each index of a generated data set is: a pure function of the set's seed, its options and the index, so
// that a set of any size is the same for everybody and begins like a smaller one. Each image is also a picture of its own:
// /sample draws it from the same seed, digit, temperature, slant and weight.

import { choose, createGenerator, type Generator, MAX_SEED_LENGTH, uniform } from "../arithmetic/random.ts";
import { ArgumentError, SeedError } from "../errors.ts";
import { type Hand, MAX_SLANT, PLAIN_HAND, WEIGHTS } from "../image/ink/hand.ts";
import { CLASSES, checkDigit } from "../latent/classes.ts";
import type { DrawRequest } from "../latent/latent-kind.ts";
import type { Part } from "./idx.ts";

/** How many of MNIST's 60,000 training images show each digit. */
const MNIST_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
const SHARES = { mnist: MNIST_COUNTS, uniform: MNIST_COUNTS.map(() => 1) };
export type Balance = keyof typeof SHARES;
export const BALANCES = Object.keys(SHARES) as Balance[];

/** Highest index of a part, plus one. */
export const MAX_IMAGES = 2 ** 32;
const LONGEST_SUFFIX = `/train/${MAX_IMAGES - 1}/hand`;
/** Characters of a set's seed, of which those of its images are made. */
export const MAX_SET_SEED_LENGTH = MAX_SEED_LENGTH - LONGEST_SUFFIX.length;

/** Lowest and highest value, both included. */
export type Range = readonly [number, number];

export interface SetOptions {
  readonly seed: string;
  /** Shares of the digits: those of MNIST, or equal ones. */
  readonly balance: Balance;
  /** Those that occur. */
  readonly digits: readonly number[];
  /** Spread about the mean, 0 to 2; 1 is the model's own variety. */
  readonly temperature: number;
  /** Lean to the right, whole degrees, -30 to 30, uniform between the two. */
  readonly slant: Range;
  /** Ink as a multiple of the model's own, hundredths from 0.7 to 1.6, uniform between the two. */
  readonly weight: Range;
}

export const DEFAULT_SET: Omit<SetOptions, "seed"> = {
  balance: "mnist",
  digits: Array.from({ length: CLASSES }, (_, digit) => digit),
  temperature: 1,
  slant: [PLAIN_HAND.slant, PLAIN_HAND.slant],
  weight: [PLAIN_HAND.weight, PLAIN_HAND.weight],
};

/** What slant and weight may be. */
export const RANGES = {
  slant: { least: -MAX_SLANT, most: MAX_SLANT, step: 1 },
  weight: { least: WEIGHTS.min, most: WEIGHTS.max, step: 0.01 },
} as const;
type RangeLimits = (typeof RANGES)[keyof typeof RANGES];

export function isRange([low, high]: Range, { least, most, step }: RangeLimits): boolean {
  const isStep = (value: number) => Math.abs(value / step - Math.round(value / step)) < 1e-9;
  return low >= least && low <= high && high <= most && isStep(low) && isStep(high);
}

export function describeRange({ least, most, step }: RangeLimits): string {
  return `LOW..HIGH, or one number, from ${least} to ${most} in steps of ${step}`;
}

/** One image of a set. */
export interface PlannedImage extends DrawRequest {
  readonly digit: number;
  readonly temperature: number;
  readonly hand: Hand;
}

/** Plans consecutive images of a part. @param start  index of the first */
export type SetPlan = (part: Part, start: number, count: number) => PlannedImage[];

/** @throws ArgumentError, SeedError */
export function planSet(options: SetOptions): SetPlan {
  const { seed, balance, digits, temperature, slant, weight } = options;
  checkOptions(options);
  const shares = SHARES[balance].map((share, digit) => (digits.includes(digit) ? share : 0));
  const isPlain = slant[0] === slant[1] && weight[0] === weight[1];
  const plan = (part: Part, index: number): PlannedImage => {
    const imageSeed = `${seed}/${part}/${index}`;
    // The number that a model's own choice of a digit would be made by.
    const digit = choose(uniform(createGenerator(imageSeed)), shares);
    const next = isPlain ? undefined : createGenerator(`${imageSeed}/hand`);
    const hand = {
      slant: next ? wholeFrom(next, slant) : slant[0],
      weight: next ? wholeFrom(next, hundredths(weight)) / 100 : weight[0],
    };
    return { seed: imageSeed, digit, temperature, hand };
  };
  return (part, start, count) => Array.from({ length: count }, (_, i) => plan(part, start + i));
}

function checkOptions({ seed, balance, digits, slant, weight }: SetOptions): void {
  const length = [...seed].length;
  if (length < 1 || length > MAX_SET_SEED_LENGTH) {
    throw new SeedError(`the seed of a data set has 1 to ${MAX_SET_SEED_LENGTH} characters, found ${length}`);
  }
  if (!BALANCES.includes(balance)) {
    throw new ArgumentError(`a balance is ${BALANCES.join(" or ")}, found ${balance}`);
  }
  if (digits.length === 0) throw new ArgumentError("a data set has at least one digit, found none");
  for (const digit of digits) checkDigit(digit);
  for (const [name, range] of Object.entries({ slant, weight })) {
    const limits = RANGES[name as keyof typeof RANGES];
    if (isRange(range, limits)) continue;
    throw new ArgumentError(`${name}: expected ${describeRange(limits)}, found ${range.join("..")}`);
  }
}

/** A whole number of a range, each as likely as the others. */
function wholeFrom(next: Generator, [low, high]: Range): number {
  return low + Math.floor(uniform(next) * (high - low + 1));
}

function hundredths([low, high]: Range): Range {
  return [Math.round(low * 100), Math.round(high * 100)];
}
