// A digit in a hand, with what reaches beyond its square.

import type { Digit, DrawnDigit } from "../raster.ts";
import { type Hand, isPlain, shearOf } from "./hand.ts";
import type { Ink } from "./ink.ts";

/** @param side  pixels; at the digit's own side, a plain hand leaves its pixels as they are */
export function drawWhole(ink: Ink, hand: Hand, side: number, digit: Digit): DrawnDigit {
  if (side === digit.width && isPlain(hand)) return { ...digit, left: 0 };
  const overhang = Math.ceil((Math.abs(shearOf(hand)) * side) / 2);
  const columns = { left: -overhang, width: side + 2 * overhang };
  return { ...ink.draw(digit, side, hand, columns), left: -overhang };
}
