// Digits to ink that no decoder drew: strokes of smooth logits, and noise.

import { createGenerator, sampleNormal } from "../../../../shared/arithmetic/random.ts";
import { pixelsFromLogits } from "../../../../shared/decoder/reference.ts";
import { type Hand, shearOf } from "../../../../shared/image/ink/hand.ts";
import {
  type Columns,
  type Field,
  fieldOf,
  inkField,
  levelOf,
} from "../../../../shared/image/ink/reference.ts";
import type { Digit, GreyImage } from "../../../../shared/image/raster.ts";
import type { OutputActivation } from "../../../../shared/model/spec.ts";

/** A ring, whose logits fall by up to `steepness` a pixel from 1.4 `steepness` on its middle line. */
export function drawField(
  side: number,
  { radius = side / 4, steepness = 3, activation = "sigmoid" as OutputActivation } = {},
): Digit {
  const centre = (side - 1) / 2;
  const logits = Float32Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [(i % side) - centre, Math.floor(i / side) - centre];
    const distance = Math.sqrt(x * x + y * y) - radius;
    return steepness * (2.4 - Math.sqrt(1 + distance * distance));
  });
  return digitOf(logits, side, activation);
}

/** Normal logits. */
export function drawNoise(side: number, seed: string, scale: number): Digit {
  const logits = sampleNormal(createGenerator(seed), new Float32Array(side * side)).map((x) => x * scale);
  return digitOf(logits, side, "sigmoid");
}

function digitOf(logits: Float32Array, side: number, activation: OutputActivation): Digit {
  return { width: side, height: side, logits, pixels: pixelsFromLogits(logits, activation) };
}

/** What the reference draws. */
export function inkReference(digit: Digit, size: number, hand: Hand, columns?: Columns): GreyImage {
  const { width: side, logits, pixels } = digit;
  const field = remembered(fieldOf(logits, side));
  const ink = pixels.reduce((sum, level) => sum + level, 0);
  return inkField(
    field,
    levelOf(field, side, Math.round(ink * hand.weight)),
    side,
    size,
    shearOf(hand),
    columns,
  );
}

function remembered(field: Field): Field {
  const known = new Map<number, number>();
  return (row, column) => {
    const key = 1000 * row + column;
    const value = known.get(key) ?? field(row, column);
    known.set(key, value);
    return value;
  };
}

/** Pixels from 10 to 90 % of full ink, per pixel of more. */
export function greyShare({ pixels }: GreyImage): number {
  const full = pixels.filter((level) => level > 229).length;
  return pixels.filter((level) => level > 25 && level <= 229).length / full;
}
