// A PNG of any colour type, depth and interlacing to RGBA, for images from strangers: what the header says is checked
// before anything is inflated, and inflating stops at the size that it implies. upng-js undoes filters and reads
// samples. PNG (Third Edition), https://www.w3.org/TR/png-3/

import UPNG from "upng-js";
import { ImageError } from "../errors.ts";
import { concatenate } from "../weights.ts";
import { PNG_SIGNATURE, type PngFile, type PngHeader, parsePng } from "./png-file.ts";

/** Colours row by row, four bytes a pixel, alpha not premultiplied: what a canvas's ImageData holds. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint8ClampedArray;
}

/** What reading needs of zlib; node:zlib has both. */
export interface Zlib {
  /** CRC-32, unsigned. */
  readonly crc32: (bytes: Uint8Array) => number;
  /** Inflates a zlib stream; throws when it is damaged or cut off, or as soon as it holds more than maxBytes. */
  readonly inflate: (stream: Uint8Array, maxBytes: number) => Uint8Array;
}

/** Part of an image that is stored as an image of its own: its pixels lie `step` apart from (x, y) on. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly xStep: number;
  readonly yStep: number;
  readonly width: number;
  readonly height: number;
}

const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;
const MAX_FILTER = 4;
/** Adam7 (8.2): start and step of each pass. */
const ADAM7 = [
  { x: 0, y: 0, xStep: 8, yStep: 8 },
  { x: 4, y: 0, xStep: 8, yStep: 8 },
  { x: 0, y: 4, xStep: 4, yStep: 8 },
  { x: 2, y: 0, xStep: 4, yStep: 4 },
  { x: 0, y: 2, xStep: 2, yStep: 4 },
  { x: 1, y: 0, xStep: 2, yStep: 2 },
  { x: 0, y: 1, xStep: 1, yStep: 2 },
];

/**
 * Reads a PNG; of an animation the default image. Colour profiles and gamma are ignored, and 16 bits become 8.
 * @throws ImageError
 */
export function readPng(bytes: Uint8Array, zlib: Zlib): RgbaImage {
  const file = parsePng(bytes, zlib.crc32);
  const { header } = file;
  const passes = passesOf(header);
  const sizes = passes.map(({ width, height }) => height * (1 + rowBytes(header, width)));
  const expected = sizes.reduce((sum, size) => sum + size, 0);
  const data = inflate(file.data, expected, header, zlib);

  const pixels = new Uint8Array(header.width * header.height * 4);
  let at = 0;
  passes.forEach((pass, index) => {
    const rows = data.subarray(at, at + sizes[index]!);
    at += sizes[index]!;
    checkFilters(rows, 1 + rowBytes(header, pass.width));
    const rgba = readPass(file, pass, rows);
    if (passes.length === 1) pixels.set(rgba);
    else scatter(rgba, pass, pixels, header.width);
  });
  return { width: header.width, height: header.height, pixels };
}

function passesOf({ width, height, isInterlaced }: PngHeader): readonly Pass[] {
  if (!isInterlaced) return [{ x: 0, y: 0, xStep: 1, yStep: 1, width, height }];
  return ADAM7.map((pass) => ({
    ...pass,
    width: Math.ceil((width - pass.x) / pass.xStep),
    height: Math.ceil((height - pass.y) / pass.yStep),
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Without the filter's byte. */
function rowBytes({ colourType, bitDepth }: PngHeader, width: number): number {
  return Math.ceil((width * SAMPLES[colourType] * bitDepth) / 8);
}

function inflate(stream: Uint8Array, expected: number, { width, height }: PngHeader, zlib: Zlib): Uint8Array {
  let data: Uint8Array;
  try {
    data = zlib.inflate(stream, expected);
  } catch (cause) {
    throw new ImageError(
      `the PNG's image data is damaged, cut off, or longer than the ${expected} bytes of ${width} x ${height} pixels`,
      { cause },
    );
  }
  if (data.length !== expected) {
    throw new ImageError(
      `the PNG's image data ends after ${data.length} of the ${expected} bytes of ${width} x ${height} pixels`,
    );
  }
  return data;
}

function checkFilters(rows: Uint8Array, stride: number): void {
  for (let at = 0; at < rows.length; at += stride) {
    if (rows[at]! > MAX_FILTER) {
      throw new ImageError(`the PNG has a row with filter ${rows[at]}; filters are 0 to ${MAX_FILTER}`);
    }
  }
}

/**
 * The RGBA pixels of one pass, which upng-js gets as a small file whose header says "compression 1": that is how it
 * is told that nothing is left to inflate. Two of its limits are kept out of its way: it takes rows of grey below 8
 * bits for unpadded (so they go as a palette of greys), and misplaces interlaced pixels of 1 bit (so it sees no Adam7).
 */
function readPass(file: PngFile, { width, height }: Pass, rows: Uint8Array): Uint8Array {
  const { colourType, bitDepth } = file.header;
  const isPackedGrey = colourType === 0 && bitDepth < 8;
  const tables = isPackedGrey ? greysAsPalette(file) : file;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([bitDepth, isPackedGrey ? 3 : colourType, 1], 8);
  const bare = concatenate([
    Uint8Array.from(PNG_SIGNATURE),
    chunk("IHDR", header),
    ...(tables.palette ? [chunk("PLTE", tables.palette)] : []),
    ...(tables.transparency ? [chunk("tRNS", tables.transparency)] : []),
    chunk("IDAT", rows),
    chunk("IEND", new Uint8Array(0)),
  ]);
  return new Uint8Array(UPNG.toRGBA8(UPNG.decode(bare.buffer as ArrayBuffer))[0]!);
}

function greysAsPalette({ header, transparency }: PngFile): Pick<PngFile, "palette" | "transparency"> {
  const levels = 2 ** header.bitDepth;
  const palette = Uint8Array.from({ length: 3 * levels }, (_, i) => (Math.floor(i / 3) * 255) / (levels - 1));
  if (!transparency) return { palette, transparency };
  const clear = transparency[1]! % levels;
  return { palette, transparency: new Uint8Array(levels).fill(255).fill(0, clear, clear + 1) };
}

/** Without a checksum, which upng-js does not read. */
function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 12);
  new DataView(bytes.buffer).setUint32(0, body.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(body, 8);
  return bytes;
}

function scatter(rgba: Uint8Array, pass: Pass, pixels: Uint8Array, imageWidth: number): void {
  const from = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length / 4);
  const to = new Uint32Array(pixels.buffer);
  for (let y = 0; y < pass.height; y++) {
    const start = (pass.y + y * pass.yStep) * imageWidth + pass.x;
    for (let x = 0; x < pass.width; x++) to[start + x * pass.xStep] = from[y * pass.width + x]!;
  }
}
