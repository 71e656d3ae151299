// A zlib stream for the filtered rows of small, smooth pictures. RFC 1950, RFC 1951
// https://www.rfc-editor.org/rfc/rfc1951
// In integers only, so its bytes are the same everywhere; native zlibs differ between processors. It looks where
// such rows repeat: the byte before (runs), one row up, and in large pictures where the same four bytes last occurred. That
// takes half the time of general compressors in JavaScript for about as many bytes (npm run bench:image).

import { endStream, putLiteral, putMatch, startStream } from "./deflate-block.ts";
import { MAX_MATCH, MIN_MATCH } from "./deflate-symbols.ts";

const WINDOW = 32_768;

/** From this many bytes on, looking up earlier places pays off. */
const LARGE = 24_576;
const HASH_BITS = 13;
/** Longest match whose inner places are worth indexing. */
const MAX_REMEMBERED = 16;

/** Where four bytes of each hash last occurred. */
const lastPlace = new Int32Array(1 << HASH_BITS);

/**
 * Compresses to a zlib stream.
 * @param data  up to 2^30 bytes
 * @param row  distance at which the data tends to repeat, bytes; useless beyond 32,768
 */
export function deflate(data: Uint8Array, row: number): Uint8Array {
  const end = data.length;
  const isLarge = end >= LARGE || row > WINDOW;
  if (isLarge) lastPlace.fill(-WINDOW - 1);
  startStream();
  let at = 0;
  while (at < end) {
    // The longest match: the byte before, one row up, or where these four bytes last occurred.
    const max = Math.min(end - at, MAX_MATCH);
    let length = MIN_MATCH - 1;
    let distance = 0;
    if (at > 0 && data[at - 1] === data[at]) {
      const found = matchLength(data, at - 1, at, max);
      if (found > length) {
        length = found;
        distance = 1;
      }
    }
    if (!isLarge) {
      if (at >= row && length < max && data[at - row + length] === data[at + length]) {
        const found = matchLength(data, at - row, at, max);
        if (found > length) {
          length = found;
          distance = row;
        }
      }
    } else if (max > MIN_MATCH) {
      const hash = hashAt(data, at);
      const place = lastPlace[hash]!;
      lastPlace[hash] = at;
      if (at - place <= WINDOW && length < max && data[place + length] === data[at + length]) {
        const found = matchLength(data, place, at, max);
        if (found > length && found > MIN_MATCH) {
          length = found;
          distance = at - place;
        }
      }
    }
    if (distance === 0) {
      putLiteral(data[at++]!);
      continue;
    }
    putMatch(length, distance);
    const next = at + length;
    if (isLarge && length <= MAX_REMEMBERED) {
      for (let inside = at + 1; inside < next && inside + MIN_MATCH < end; inside++) {
        lastPlace[hashAt(data, inside)] = inside;
      }
    }
    at = next;
  }
  return endStream(adler32(data));
}

function matchLength(data: Uint8Array, place: number, at: number, max: number): number {
  let length = 0;
  while (length < max && data[place + length] === data[at + length]) length++;
  return length;
}

function hashAt(data: Uint8Array, at: number): number {
  const word = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
  return Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  // This many bytes keep both sums below 2^31.
  for (let at = 0; at < data.length; ) {
    const stop = Math.min(data.length, at + 3_800);
    for (; at < stop; at++) {
      a += data[at]!;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return ((b << 16) | a) >>> 0;
}
