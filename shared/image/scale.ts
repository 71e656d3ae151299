// A digit in more pixels: Catmull-Rom interpolation (Keys 1981, a = -1/2) along rows, then along columns. It passes
// through the given pixels, so 28 to 28 changes nothing, and rings less than Lanczos on a black ground.
// Weights and sums are integers, so every engine gets the same pixels.

import { ArgumentError } from "../errors.ts";
import type { GreyImage } from "./raster.ts";

/** Largest side that a digit is drawn at, pixels. */
export const MAX_SIZE = 512;

const TAPS = 4;
/** Weights sum to 2^14; a row pass keeps 6 fractional bits, so that the column pass stays below 2^31. */
const WEIGHT_BITS = 14;
const FRACTION_BITS = 6;
const ROW_SHIFT = WEIGHT_BITS - FRACTION_BITS;
const COLUMN_SHIFT = WEIGHT_BITS + FRACTION_BITS;

/**
 * Enlarges a square image; its border pixels are repeated outside.
 * @param size  side in pixels, a whole number from the image's own to 512
 * @throws ArgumentError
 */
export function scaleImage(image: GreyImage, size: number): GreyImage {
  const side = image.width;
  if (image.height !== side) {
    throw new ArgumentError(`only square images are enlarged, found ${image.width} x ${image.height}`);
  }
  if (!Number.isInteger(size) || size < side || size > MAX_SIZE) {
    throw new ArgumentError(`a size is a whole number of pixels from ${side} to ${MAX_SIZE}, found ${size}`);
  }
  if (size === side) return image;
  const { places, weights } = interpolation(side, size);

  // Rows.
  const rows = new Int16Array(side * size);
  for (let y = 0; y < side; y++) {
    const row = image.pixels.subarray(y * side, (y + 1) * side);
    if (row.every((pixel) => pixel === 0)) continue;
    for (let x = 0; x < size; x++) {
      let sum = 1 << (ROW_SHIFT - 1);
      for (let tap = x * TAPS; tap < (x + 1) * TAPS; tap++) {
        sum += Math.imul(weights[tap]!, row[places[tap]!]!);
      }
      rows[y * size + x] = sum >> ROW_SHIFT;
    }
  }

  // Columns; a clamped array cuts what the kernel's lobes push below 0 or above 255.
  const pixels = new Uint8ClampedArray(size * size);
  for (let y = 0; y < size; y++) {
    const [row0, row1, row2, row3] = [0, 1, 2, 3].map((tap) => places[y * TAPS + tap]! * size) as Four;
    const [weight0, weight1, weight2, weight3] = weights.subarray(
      y * TAPS,
      (y + 1) * TAPS,
    ) as unknown as Four;
    for (let x = 0, at = y * size; x < size; x++, at++) {
      const sum =
        Math.imul(weight0, rows[row0 + x]!) +
        Math.imul(weight1, rows[row1 + x]!) +
        Math.imul(weight2, rows[row2 + x]!) +
        Math.imul(weight3, rows[row3 + x]!);
      pixels[at] = (sum + (1 << (COLUMN_SHIFT - 1))) >> COLUMN_SHIFT;
    }
  }
  return { width: size, height: size, pixels: new Uint8Array(pixels.buffer) };
}

type Four = [number, number, number, number];

/** Which four pixels make each pixel of a longer line, and how much of each: centres map to centres. */
function interpolation(from: number, to: number): { places: Uint8Array; weights: Int32Array } {
  const places = new Uint8Array(to * TAPS);
  const weights = new Int32Array(to * TAPS);
  const one = 1 << WEIGHT_BITS;
  const outerWeight = (t: number, u: number) => -0.5 * one * t * u * u;
  const innerWeight = (t: number) => 0.5 * one * t * (1 + t * (4 - 3 * t));
  for (let i = 0; i < to; i++) {
    // Position of the centre on the shorter line, (i + 1/2) from / to - 1/2, as a whole number of 1 / (2 to).
    const position = (2 * i + 1) * from - to;
    const before = Math.floor(position / (2 * to));
    const t = (position - before * 2 * to) / (2 * to);
    const u = ((before + 1) * 2 * to - position) / (2 * to);
    // The nearer of the two inner pixels takes the rounding error, so that weights sum to one and mirror exactly.
    const outer = [outerWeight(t, u), outerWeight(u, t)].map(Math.round) as [number, number];
    const farther = Math.round(innerWeight(Math.min(t, u)));
    const nearer = one - outer[0] - outer[1] - farther;
    const inner = t <= u ? [nearer, farther] : [farther, nearer];
    weights.set([outer[0], ...inner, outer[1]], i * TAPS);
    for (let tap = 0; tap < TAPS; tap++) {
      places[i * TAPS + tap] = Math.min(Math.max(before - 1 + tap, 0), from - 1);
    }
  }
  return { places, weights };
}
