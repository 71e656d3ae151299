// Deflate's symbols for lengths, distances and code lengths. RFC 1951, 3.2.5 to 3.2.7
// https://www.rfc-editor.org/rfc/rfc1951#section-3.2.5

import { assignCodes, createCode } from "./huffman.ts";

export const MIN_MATCH = 3;
export const MAX_MATCH = 258;
export const END_OF_BLOCK = 256;

// Length codes, numbered from symbol 257 on, and distance codes (3.2.5): each has a base and extra bits.
export const LENGTH_BASE = new Uint16Array(29);
export const LENGTH_EXTRA = new Uint8Array(29);
export const LENGTH_CODE = new Uint8Array(MAX_MATCH + 1);
export const DISTANCE_BASE = new Uint16Array(30);
export const DISTANCE_EXTRA = new Uint8Array(30);
for (let code = 0, base = MIN_MATCH; code < 28; code++) {
  LENGTH_BASE[code] = base;
  LENGTH_EXTRA[code] = code < 8 ? 0 : (code >> 2) - 1;
  LENGTH_CODE.fill(code, base);
  base += 1 << LENGTH_EXTRA[code]!;
}
LENGTH_BASE[28] = MAX_MATCH;
LENGTH_CODE[MAX_MATCH] = 28;
for (let code = 0, base = 1; code < 30; code++) {
  DISTANCE_BASE[code] = base;
  DISTANCE_EXTRA[code] = code < 4 ? 0 : (code >> 1) - 1;
  base += 1 << DISTANCE_EXTRA[code]!;
}

// The fixed codes (3.2.6).
export const fixedLiterals = createCode(288);
fixedLiterals.lengths.fill(8).fill(9, 144, 256).fill(7, 256, 280);
assignCodes(fixedLiterals);
export const fixedDistances = createCode(30);
fixedDistances.lengths.fill(5);
assignCodes(fixedDistances);

// Code lengths are themselves run-length and Huffman coded (3.2.7), in this order.
export const HEADER_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
export const headerExtra = (symbol: number) => (symbol < 16 ? 0 : symbol === 16 ? 2 : symbol === 17 ? 3 : 7);

/** Code of a distance, 1 to 32,768. */
export function distanceCode(distance: number): number {
  const d = distance - 1;
  if (d < 4) return d;
  const extra = 30 - Math.clz32(d);
  return 2 * extra + (d >> extra);
}
