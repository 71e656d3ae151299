// How a hand writes: what a request may ask of every digit of a picture.

import { sin } from "../../arithmetic/transcendental.ts";

export interface Hand {
  /** Lean to the right, whole degrees, -30 to 30. */
  readonly slant: number;
  /** Ink, as a multiple of what the decoder drew: 0.7 (thin) to 1.6 (bold). */
  readonly weight: number;
}

/** The decoder's own. */
export const PLAIN_HAND: Hand = { slant: 0, weight: 1 };

export const MAX_SLANT = 30;
export const WEIGHTS = { min: 0.7, max: 1.6 } as const;

export function isPlain({ slant, weight }: Hand): boolean {
  return slant === PLAIN_HAND.slant && weight === PLAIN_HAND.weight;
}

/** Pixels to the right for each pixel up, float64: tan(slant), the same in every engine. */
export function shearOf({ slant }: Hand): number {
  const sine = sin((Math.abs(slant) * Math.PI) / 180);
  const tangent = sine / Math.sqrt(1 - sine * sine);
  return slant < 0 ? -tangent : tangent;
}
