// A PNG of any colour type, depth and interlacing to RGBA, for images from strangers: what the header says is checked
// before anything is inflated, and inflating stops at the size that it implies.
// PNG (Third Edition), https://www.w3.org/TR/png-3/

import { ImageError } from "../../shared/errors.ts";
import type { RgbaImage } from "../../shared/image/raster.ts";
import { type PngFile, type PngHeader, parsePng } from "./png-file.ts";
import { unfilterRows } from "./unfilter.ts";

/** What reading needs of zlib; node:zlib has both. */
export interface Zlib {
  /** CRC-32, unsigned. */
  readonly crc32: (bytes: Uint8Array) => number;
  /** The first maxBytes of what a zlib stream holds, or all where it holds less; throws where those are damaged or cut off. */
  readonly inflate: (stream: Uint8Array, maxBytes: number) => Promise<Uint8Array>;
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
export async function readPng(bytes: Uint8Array, zlib: Zlib): Promise<RgbaImage> {
  const file = parsePng(bytes, zlib.crc32);
  const { header } = file;
  const passes = passesOf(header);
  const sizes = passes.map(({ width, height }) => height * (1 + rowBytes(header, width)));
  const expected = sizes.reduce((sum, size) => sum + size, 0);
  const data = await inflate(file.data, expected, header, zlib);

  const pixels = new Uint8Array(header.width * header.height * 4);
  let at = 0;
  passes.forEach((pass, index) => {
    const rows = data.subarray(at, at + sizes[index]!);
    at += sizes[index]!;
    unfilterRows(rows, 1 + rowBytes(header, pass.width), rowBytes(header, 1));
    readPass(file, pass, rows, pixels);
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

async function inflate(
  stream: Uint8Array,
  expected: number,
  { width, height }: PngHeader,
  zlib: Zlib,
): Promise<Uint8Array> {
  let data: Uint8Array;
  try {
    data = await zlib.inflate(stream, expected);
  } catch (cause) {
    throw new ImageError("the PNG's image data is damaged or cut off", { cause });
  }
  if (data.length !== expected) {
    throw new ImageError(
      `the PNG's image data ends after ${data.length} of the ${expected} bytes of ${width} x ${height} pixels`,
    );
  }
  return data;
}

/** Puts the colours of a pass where they belong among the image's. */
function readPass(file: PngFile, pass: Pass, rows: Uint8Array, pixels: Uint8Array): void {
  const { header, palette, transparency } = file;
  const { bitDepth, colourType } = header;
  const stride = 1 + rowBytes(header, pass.width);
  const count = SAMPLES[colourType];
  const [green, blue] = colourType === 2 || colourType === 6 ? [1, 2] : [0, 0];
  const alpha = colourType === 4 || colourType === 6 ? count - 1 : undefined;
  const levels = levelsOf(bitDepth);
  // The one colour that is clear, of which grey has one sample.
  const clear = palette ? undefined : transparency && unpack(transparency, 16, transparency.length / 2);
  for (let y = 0; y < pass.height; y++) {
    const row = unpack(rows.subarray(y * stride + 1, (y + 1) * stride), bitDepth, pass.width * count);
    let to = 4 * ((pass.y + y * pass.yStep) * header.width + pass.x);
    for (let at = 0; at < row.length; at += count, to += 4 * pass.xStep) {
      if (palette) {
        // Entries that the palette lacks are opaque black.
        const entry = row[at]!;
        for (let c = 0; c < 3; c++) pixels[to + c] = palette[3 * entry + c] ?? 0;
        pixels[to + 3] = transparency?.[entry] ?? 255;
        continue;
      }
      pixels[to] = levels[row[at]!]!;
      pixels[to + 1] = levels[row[at + green]!]!;
      pixels[to + 2] = levels[row[at + blue]!]!;
      const isClear = clear?.every((sample, i) => row[at + i] === sample);
      pixels[to + 3] = alpha !== undefined ? levels[row[at + alpha]!]! : isClear ? 0 : 255;
    }
  }
}

/** Samples of 1 to 16 bits, the most significant first (7.2). */
function unpack(bytes: Uint8Array, bitDepth: number, count: number): Uint8Array | Uint16Array {
  if (bitDepth === 8) return bytes;
  const samples = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const bit = i * bitDepth;
    const pair = (bytes[bit >> 3]! << 8) | (bytes[(bit >> 3) + 1] ?? 0);
    samples[i] = (pair >> (16 - bitDepth - (bit & 7))) & (2 ** bitDepth - 1);
  }
  return samples;
}

/** What each sample is in 8 bits. */
function levelsOf(bitDepth: number): Uint8Array {
  const levels = new Uint8Array(2 ** bitDepth);
  for (let sample = 0; sample < levels.length; sample++) {
    levels[sample] = bitDepth === 16 ? sample >> 8 : (sample * 255) / (levels.length - 1);
  }
  return levels;
}
