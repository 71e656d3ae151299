// Deflate's output: tokens gathered to blocks, each written with its own Huffman codes or with the fixed ones,
// whichever is shorter. RFC 1951, 3.2, https://www.rfc-editor.org/rfc/rfc1951#section-3.2

import {
  DISTANCE_BASE,
  DISTANCE_EXTRA,
  distanceCode,
  END_OF_BLOCK,
  fixedDistances,
  fixedLiterals,
  HEADER_ORDER,
  headerExtra,
  LENGTH_BASE,
  LENGTH_CODE,
  LENGTH_EXTRA,
} from "./deflate-symbols.ts";
import { createCode, fitCode, type HuffmanCode } from "./huffman.ts";

// Working memory, one stream at a time: a block's tokens (a literal, or length << 16 | distance), their frequencies
// and codes, the header, and the stream itself.
const tokens = new Uint32Array(16_384);
let tokenCount = 0;
const literalFrequencies = new Uint32Array(286);
const distanceFrequencies = new Uint32Array(30);
const literals = createCode(286);
const distances = createCode(30);
const headerFrequencies = new Uint32Array(19);
const headerCode = createCode(19);
const header = new Uint16Array(286 + 30);
let headerLength = 0;
let usedLiterals = 0;
let usedDistances = 0;
let out = new Uint8Array(4096);
let position = 0;
let bitBuffer = 0;
let bitCount = 0;

/** Starts a zlib stream (RFC 1950): deflate with a 32 KiB window, and the header's check bits. */
export function startStream(): void {
  position = bitBuffer = bitCount = 0;
  startBlock();
  out[position++] = 0x78;
  out[position++] = 0x01;
}

export function putLiteral(literal: number): void {
  if (tokenCount === tokens.length) endBlock(false);
  literalFrequencies[literal]!++;
  tokens[tokenCount++] = literal;
}

/**
 * @param length  3 to 258
 * @param distance  1 to 32,768
 */
export function putMatch(length: number, distance: number): void {
  if (tokenCount === tokens.length) endBlock(false);
  literalFrequencies[257 + LENGTH_CODE[length]!]!++;
  distanceFrequencies[distanceCode(distance)]!++;
  tokens[tokenCount++] = (length << 16) | distance;
}

/** Ends the stream. @param checksum  Adler-32 of what was compressed */
export function endStream(checksum: number): Uint8Array {
  endBlock(true);
  for (; bitCount > 0; bitCount -= 8) {
    out[position++] = bitBuffer;
    bitBuffer >>>= 8;
  }
  for (let shift = 24; shift >= 0; shift -= 8) out[position++] = checksum >>> shift;
  return out.slice(0, position);
}

function startBlock(): void {
  tokenCount = 0;
  literalFrequencies.fill(0);
  distanceFrequencies.fill(0);
  literalFrequencies[END_OF_BLOCK] = 1;
}

/** Writes the block's tokens with their own codes or with the fixed ones, whichever is shorter, and starts another. */
function endBlock(isLast: boolean): void {
  fitCode(literals, literalFrequencies, 15);
  fitCode(distances, distanceFrequencies, 15);
  describeCodes();
  let bits = 17;
  let fixedBits = 3;
  let headerCodes = HEADER_ORDER.length;
  while (headerCodes > 4 && headerCode.lengths[HEADER_ORDER[headerCodes - 1]!] === 0) headerCodes--;
  bits += 3 * headerCodes;
  for (let symbol = 0; symbol < 19; symbol++) {
    bits += headerFrequencies[symbol]! * (headerCode.lengths[symbol]! + headerExtra(symbol));
  }
  let extraBits = 0;
  for (let symbol = 0; symbol < 286; symbol++) {
    const frequency = literalFrequencies[symbol]!;
    if (frequency === 0) continue;
    bits += frequency * literals.lengths[symbol]!;
    fixedBits += frequency * fixedLiterals.lengths[symbol]!;
    if (symbol > END_OF_BLOCK) extraBits += frequency * LENGTH_EXTRA[symbol - 257]!;
  }
  for (let code = 0; code < 30; code++) {
    const frequency = distanceFrequencies[code]!;
    bits += frequency * distances.lengths[code]!;
    fixedBits += frequency * 5;
    extraBits += frequency * DISTANCE_EXTRA[code]!;
  }
  const isFixed = fixedBits <= bits;
  reserve(((isFixed ? fixedBits : bits) + extraBits) / 8 + 16);
  writeBits(isLast ? 1 : 0, 1);
  if (isFixed) {
    writeBits(1, 2);
    writeTokens(fixedLiterals, fixedDistances);
  } else {
    writeBits(2, 2);
    writeBits(usedLiterals - 257, 5);
    writeBits(usedDistances - 1, 5);
    writeBits(headerCodes - 4, 4);
    for (let i = 0; i < headerCodes; i++) writeBits(headerCode.lengths[HEADER_ORDER[i]!]!, 3);
    for (let i = 0; i < headerLength; i++) {
      const symbol = header[i]! & 31;
      writeBits(headerCode.codes[symbol]!, headerCode.lengths[symbol]!);
      writeBits(header[i]! >>> 5, headerExtra(symbol));
    }
    writeTokens(literals, distances);
  }
  startBlock();
}

/** Run-length codes the lengths of both codes (3.2.7) into `header`: symbol | extra << 5. */
function describeCodes(): void {
  usedLiterals = 286;
  while (literals.lengths[usedLiterals - 1] === 0) usedLiterals--;
  usedDistances = 30;
  while (usedDistances > 1 && distances.lengths[usedDistances - 1] === 0) usedDistances--;
  headerFrequencies.fill(0);
  headerLength = 0;
  const emit = (symbol: number, extra: number) => {
    header[headerLength++] = symbol | (extra << 5);
    headerFrequencies[symbol]!++;
  };
  const total = usedLiterals + usedDistances;
  const lengthAt = (i: number) =>
    i < usedLiterals ? literals.lengths[i]! : distances.lengths[i - usedLiterals]!;
  for (let i = 0; i < total; ) {
    const value = lengthAt(i);
    let run = 1;
    while (i + run < total && lengthAt(i + run) === value) run++;
    i += run;
    if (value === 0) {
      for (; run >= 11; run -= Math.min(run, 138)) emit(18, Math.min(run, 138) - 11);
      if (run >= 3) {
        emit(17, run - 3);
        run = 0;
      }
    } else {
      emit(value, 0);
      for (run--; run >= 3; run -= Math.min(run, 6)) emit(16, Math.min(run, 6) - 3);
    }
    for (; run > 0; run--) emit(value, 0);
  }
  fitCode(headerCode, headerFrequencies, 7);
}

function writeTokens(literal: HuffmanCode, distance: HuffmanCode): void {
  const { lengths, codes } = literal;
  for (let i = 0; i < tokenCount; i++) {
    const token = tokens[i]!;
    const length = token >>> 16;
    if (length === 0) {
      writeBits(codes[token]!, lengths[token]!);
      continue;
    }
    const lengthCode = LENGTH_CODE[length]!;
    writeBits(codes[257 + lengthCode]!, lengths[257 + lengthCode]!);
    writeBits(length - LENGTH_BASE[lengthCode]!, LENGTH_EXTRA[lengthCode]!);
    const offset = token & 0xffff;
    const code = distanceCode(offset);
    writeBits(distance.codes[code]!, distance.lengths[code]!);
    writeBits(offset - DISTANCE_BASE[code]!, DISTANCE_EXTRA[code]!);
  }
  writeBits(codes[END_OF_BLOCK]!, lengths[END_OF_BLOCK]!);
}

/** At most 15 bits wait in the buffer. @param count  up to 16 */
function writeBits(value: number, count: number): void {
  bitBuffer |= value << bitCount;
  bitCount += count;
  if (bitCount >= 16) {
    out[position++] = bitBuffer;
    out[position++] = bitBuffer >>> 8;
    bitBuffer >>>= 16;
    bitCount -= 16;
  }
}

/** Makes room for more bytes. */
function reserve(bytes: number): void {
  if (out.length >= position + bytes) return;
  const larger = new Uint8Array(2 * (position + Math.ceil(bytes)));
  larger.set(out.subarray(0, position));
  out = larger;
}
