// PNG files put together by hand, so that each part can be wrong.

import { crc32, deflateSync } from "node:zlib";

export const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** A chunk with the right checksum. */
export function chunk(type: string, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = Buffer.alloc(12 + body.length);
  bytes.writeUInt32BE(body.length);
  bytes.write(type, 4, "latin1");
  bytes.set(body, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}

export function header(width: number, height: number, bitDepth = 8, colourType = 0, rest = [0, 0, 0]) {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width);
  body.writeUInt32BE(height, 4);
  body.set([bitDepth, colourType, ...rest], 8);
  return chunk("IHDR", body);
}

/** @param raw  rows with their filter bytes */
export const data = (raw: Uint8Array) => chunk("IDAT", deflateSync(raw));

export const end = chunk("IEND");

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** 8-bit grey pixels as a PNG. */
export function greyPng(width: number, height: number, levelAt: (x: number, y: number) => number) {
  const raw = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) raw[y * (width + 1) + 1 + x] = levelAt(x, y);
  }
  return join(SIGNATURE, header(width, height), data(raw), end);
}
