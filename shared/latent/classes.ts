// The ten digits as classes of a latent: each has a share of the training images, and may be asked for.

import { choose, type Generator, uniform } from "../arithmetic/random.ts";
import { ArgumentError } from "../errors.ts";

export const CLASSES = 10;
const MAX_TEMPERATURE = 2;
/** How far shares may sum off 1. */
const SHARE_TOLERANCE = 1e-3;

/**
 * The digit that is asked for, or one by its share. The order of draws is part of the schemes: one uniform number for the
 * digit, drawn, and not used, when a digit is given: so a seed keeps its hand from digit to digit.
 * @param shares  by digit; 0 for one that training did not have
 * @throws ArgumentError also for a temperature that is not 0 to 2
 */
export function chooseDigit(
  next: Generator,
  shares: readonly number[],
  { digit, temperature }: { readonly digit?: number | undefined; readonly temperature: number },
): number {
  if (!(temperature >= 0 && temperature <= MAX_TEMPERATURE)) {
    throw new ArgumentError(`a temperature is 0 to ${MAX_TEMPERATURE}, found ${temperature}`);
  }
  const drawn = choose(uniform(next), shares);
  const chosen = digit ?? drawn;
  checkDigit(chosen);
  if (shares[chosen] === 0) throw new ArgumentError(`the model has learned no digit ${chosen}`);
  return chosen;
}

/** @throws ArgumentError */
export function checkDigit(digit: number): void {
  if (Number.isInteger(digit) && digit >= 0 && digit < CLASSES) return;
  throw new ArgumentError(`a digit is 0 to ${CLASSES - 1}, found ${digit}`);
}

/** Whether numbers are shares that sum to 1; written so that NaN fails too. */
export function areShares(values: readonly number[]): boolean {
  const sum = values.reduce((total, share) => total + share, 0);
  return values.every((share) => share >= 0) && Math.abs(sum - 1) <= SHARE_TOLERANCE;
}
