// Generated data sets in memory, any part of a set of any size.

import { drawImages } from "../shared/dataset/draw.ts";
import { DEFAULT_SET, MAX_IMAGES, planSet } from "../shared/dataset/plan.ts";
import { ArgumentError } from "../shared/errors.ts";
import { openBundled } from "./release.ts";

export interface DatasetOptions {
  /** What the set is drawn from: any text of 1 to 106 characters. */
  readonly seed: string;
  /** Images; a thousand take about a third of a second. */
  readonly count: number;
  /** Index of the first; by default 0. */
  readonly start?: number | undefined;
  /** Training images (the default) or test images. */
  readonly part?: "train" | "t10k" | undefined;
  /** Shares of the digits: those of MNIST (the default), or equal ones. */
  readonly balance?: "mnist" | "uniform" | undefined;
  /** Those that occur; by default all. */
  readonly digits?: readonly number[] | undefined;
  /** Variety, 0 to 2; by default 1. */
  readonly temperature?: number | undefined;
  /** Lean to the right at random, whole degrees, lowest and highest. */
  readonly slant?: readonly [number, number] | undefined;
  /** Ink at random, as a multiple of the model's own, lowest and highest. */
  readonly weight?: readonly [number, number] | undefined;
}

export interface LabelledImages {
  /** uint8 [count, 28, 28]; 0 is ground and 255 ink. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** uint8 [count], 0 to 9 */
  readonly labels: Uint8Array<ArrayBuffer>;
}

/**
 * Draws consecutive images of a set: the same that `npx edge-digits dataset` writes and the service's /dataset sends.
 * @throws ArgumentError, SeedError (rejects)
 */
export async function dataset(options: DatasetOptions): Promise<LabelledImages> {
  const { seed, count, start = 0, part = "train" } = options;
  if (!isWhole(start) || !isWhole(count) || start + count > MAX_IMAGES) {
    throw new ArgumentError(
      `start and count are whole numbers from 0, below 2^32 in all, found ${start} and ${count}`,
    );
  }
  const { balance = DEFAULT_SET.balance, digits = DEFAULT_SET.digits } = options;
  const { temperature = DEFAULT_SET.temperature } = options;
  const { slant = DEFAULT_SET.slant, weight = DEFAULT_SET.weight } = options;
  const planned = planSet({ seed, balance, digits, temperature, slant, weight })(part, start, count);
  const { release } = await openBundled();
  return {
    pixels: drawImages(release, planned),
    labels: Uint8Array.from(planned, ({ digit }) => digit),
  };
}

function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}
