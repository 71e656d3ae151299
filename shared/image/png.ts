// Grey pixels to PNG and APNG, colour type 0, 8 bits. PNG (Third Edition), https://www.w3.org/TR/png-3/
// Deflate is fflate's, in JavaScript: native zlibs differ in their bytes between processors, and a pinned
// address must give the same file everywhere.

import { zlibSync } from "fflate";
import type { GreyImage } from "../decoder/decoder.ts";
import { ArgumentError } from "../errors.ts";
import { concatenate } from "../weights.ts";

/** Part of every ETag: raise it when the same pixels become other bytes. */
export const PNG_ENCODER_VERSION = 1;

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** A still image as a PNG file. */
export function encodePng(image: GreyImage): Uint8Array {
  return concatenate([
    SIGNATURE,
    header(image),
    chunk("IDAT", compressRows(image)),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/**
 * Frames of one size as an animated PNG that loops for ever; a viewer without APNG shows the first frame.
 * @param framesPerSecond  whole number, 1 to 65,535
 * @throws ArgumentError
 */
export function encodeApng(frames: readonly GreyImage[], framesPerSecond: number): Uint8Array {
  const first = frames[0];
  if (!first) throw new ArgumentError("an animation has at least one frame, found none");
  if (frames.some(({ width, height }) => width !== first.width || height !== first.height)) {
    throw new ArgumentError("all frames of an animation have one size");
  }
  let sequence = 0;
  const chunks = frames.flatMap((frame, index) => {
    // fcTL: sequence, width, height, x, y, delay numerator and denominator (16 bits), dispose none, blend source.
    const control = new DataView(new ArrayBuffer(26));
    control.setUint32(0, sequence++);
    control.setUint32(4, frame.width);
    control.setUint32(8, frame.height);
    control.setUint16(20, 1);
    control.setUint16(22, framesPerSecond);
    const rows = compressRows(frame);
    const data = index === 0 ? chunk("IDAT", rows) : chunk("fdAT", concatenate([uint32(sequence++), rows]));
    return [chunk("fcTL", new Uint8Array(control.buffer)), data];
  });
  return concatenate([
    SIGNATURE,
    header(first),
    // acTL: number of frames, number of plays (0 is for ever).
    chunk("acTL", concatenate([uint32(frames.length), uint32(0)])),
    ...chunks,
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** IHDR: width, height, bit depth 8, colour type 0 (grey), default compression and filter, no interlace. */
function header({ width, height }: GreyImage): Uint8Array {
  return chunk("IHDR", concatenate([uint32(width), uint32(height), Uint8Array.of(8, 0, 0, 0, 0)]));
}

/** Rows with filter type 0: a digit is mostly zeros, which deflate takes better unfiltered. */
function compressRows({ width, height, pixels }: GreyImage): Uint8Array {
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  return zlibSync(rows, { level: 9 });
}

/** Length, type, data, CRC-32 of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concatenate([new TextEncoder().encode(type), data]);
  return concatenate([uint32(data.byteLength), body, uint32(crc32(body))]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
