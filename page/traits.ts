// What one sees of a digit, measured: lean, width and ink. By them directions get their names. Heights are all alike: MNIST
// scales its digits to one.

import type { Decoder } from "../shared/decoder/decoder.ts";
import type { GreyImage } from "../shared/image/raster.ts";
import { type Directions, fromDials } from "./directions.ts";

export const TRAITS = ["slant", "width", "thickness"] as const;
export type Trait = (typeof TRAITS)[number];

/** A direction's name: what it changes most, and which way. */
export interface Effect {
  readonly trait: Trait;
  /** Whether the trait grows with the dial. */
  readonly grows: boolean;
}

/** Deviations to both sides of a digit. */
const STRAY = 1;
/** A change smaller than this share of the trait's own spread over digits names nothing. */
const LEAST = 0.6;
/** So much more than the trait that comes next, in the same measure, that the name is not a matter of chance. */
const LEAD = 1.2;

/**
 * Measures a digit by the moments of its ink.
 * @returns lean, columns to the right a row up; width without the lean, standard deviation in pixels; ink, sum of levels
 */
export function measure({ width, pixels }: GreyImage): Record<Trait, number> {
  let [mass, x1, y1] = [0, 0, 0];
  pixels.forEach((level, i) => {
    mass += level;
    x1 += level * (i % width);
    y1 += level * Math.floor(i / width);
  });
  const [x, y] = [x1 / mass, y1 / mass];
  let [xx, yy, xy] = [0, 0, 0];
  pixels.forEach((level, i) => {
    const [dx, dy] = [(i % width) - x, Math.floor(i / width) - y];
    xx += (level * dx * dx) / mass;
    yy += (level * dy * dy) / mass;
    xy += (level * dx * dy) / mass;
  });
  const slant = -xy / yy;
  return { slant, width: Math.sqrt(Math.max(0, xx - slant * slant * yy)), thickness: mass };
}

/**
 * The effect of each direction on some digits, where there is a clear one.
 * @param digits  latents, in deviations along each axis
 * @param count  of directions, the first ones
 */
export function nameDirections(
  decoder: Pick<Decoder, "images">,
  directions: Directions,
  digits: readonly (readonly number[])[],
  count: number,
): (Effect | undefined)[] {
  const measureAll = (dials: readonly (readonly number[])[]) =>
    decoder.images(dials.map((each) => fromDials(directions, each))).map(measure);
  const own = measureAll(digits);
  const spreads = TRAITS.map((trait) => deviationOf(own.map((each) => each[trait])));
  return directions.axes.slice(0, count).map((_, axis) => {
    const at = (end: number) => measureAll(digits.map((dials) => dials.with(axis, dials[axis]! + end)));
    const [low, high] = [at(-STRAY), at(STRAY)];
    const changes = TRAITS.map((trait, i) => {
      const mean = high.reduce((sum, each, k) => sum + each[trait] - low[k]![trait], 0) / digits.length;
      return { trait, grows: mean > 0, size: Math.abs(mean) / spreads[i]! };
    }).toSorted((a, b) => b.size - a.size);
    const [first, second] = changes as [(typeof changes)[0], (typeof changes)[0]];
    return first.size >= LEAST && first.size >= LEAD * second.size ? first : undefined;
  });
}

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1;
}
