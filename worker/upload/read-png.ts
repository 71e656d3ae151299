// A PNG of any colour type, depth and interlacing to RGBA, for untrusted images. The header is checked before
// anything is inflated, and inflating stops at the size that it implies; upng-js then reads a small, plain PNG of
// each pass. PNG (Third Edition), https://www.w3.org/TR/png-3/

import type UPNG from "upng-js";
import { ImageError } from "../../shared/errors.ts";
import { chunk, PNG_SIGNATURE, uint32 } from "../../shared/image/png.ts";
import type { RgbaImage } from "../../shared/image/raster.ts";
import { concatenate } from "../../shared/model/weights.ts";
import { bitsPerPixel, type PngFile, type PngHeader, parsePng } from "./png-file.ts";
import type { Zlib } from "./zlib.ts";

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
 * Reads a PNG, or the default image of an animation. Colour profiles and gamma are ignored, and 16 bits become 8.
 * @param check  may refuse the image before anything is inflated
 * @throws ImageError; what `check` throws
 */
export async function readPng(
  bytes: Uint8Array,
  zlib: Zlib,
  check: (header: PngHeader) => void = () => {},
): Promise<RgbaImage> {
  const file = parsePng(bytes, zlib.crc32);
  check(file.header);
  // Evaluated at the first upload, not at start-up.
  const { default: reader } = await import("upng-js");
  const { width, height } = file.header;
  const passes = passesOf(file.header);
  const sizes = passes.map((pass) => pass.height * (1 + rowBytes(file.header, pass.width)));
  const expected = sizes.reduce((sum, size) => sum + size, 0);
  const data = await inflate(file, expected, zlib);

  const pixels = new Uint32Array(width * height);
  let at = 0;
  passes.forEach((pass, index) => {
    const rows = data.subarray(at, at + sizes[index]!);
    at += sizes[index]!;
    const colours = readPass(reader, file, pass, rows, zlib);
    for (let y = 0; y < pass.height; y++) {
      let to = (pass.y + y * pass.yStep) * width + pass.x;
      for (let x = 0; x < pass.width; x++, to += pass.xStep) pixels[to] = colours[y * pass.width + x]!;
    }
  });
  return { width, height, pixels: new Uint8Array(pixels.buffer) };
}

type Pass = ReturnType<typeof passesOf>[number];

/** Parts of the image that are stored as images of their own: every `step`-th pixel from (x, y) on. */
function passesOf({ width, height, isInterlaced }: PngHeader) {
  if (!isInterlaced) return [{ x: 0, y: 0, xStep: 1, yStep: 1, width, height }];
  return ADAM7.map((pass) => ({
    ...pass,
    width: Math.ceil((width - pass.x) / pass.xStep),
    height: Math.ceil((height - pass.y) / pass.yStep),
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Without the byte that names the filter. */
function rowBytes(header: PngHeader, width: number): number {
  return Math.ceil((width * bitsPerPixel(header)) / 8);
}

async function inflate({ header, data }: PngFile, expected: number, zlib: Zlib): Promise<Uint8Array> {
  let rows: Uint8Array;
  try {
    rows = await zlib.inflate(data, expected);
  } catch (cause) {
    throw new ImageError("the PNG's image data is damaged or cut off", { cause });
  }
  if (rows.length === expected) return rows;
  throw new ImageError(
    `the PNG's image data ends after ${rows.length} of the ${expected} bytes of ${header.width} x ${header.height} pixels`,
  );
}

/** The colours of a pass, RGBA, four bytes each. */
function readPass(reader: typeof UPNG, file: PngFile, pass: Pass, rows: Uint8Array, zlib: Zlib): Uint32Array {
  const stride = 1 + rowBytes(file.header, pass.width);
  for (let at = 0; at < rows.length; at += stride) {
    if (rows[at]! <= MAX_FILTER) continue;
    throw new ImageError(`the PNG has a row with filter ${rows[at]}; filters are 0 to ${MAX_FILTER}`);
  }
  const image = reader.decode(plainPng(file.header, pass, zlib.store(rows)));
  const [colours] = reader.toRGBA8({ ...image, ...coloursOf(file) } as UPNG.Image);
  return new Uint32Array(colours!);
}

/** Grey of up to 8 bits is read as a palette, because UPNG misreads grey rows that end within a byte. */
function coloursOf({ header: { bitDepth, colourType }, palette, transparency }: PngFile) {
  if (colourType === 3) return { ctype: 3, tabs: { PLTE: palette, tRNS: transparency } };
  const clear = transparency && samplesOf(transparency);
  if (colourType === 0 && bitDepth <= 8) return { ctype: 3, tabs: greyPalette(bitDepth, clear?.[0]) };
  // Grey as text, because UPNG takes the number 0 for no colour.
  return { tabs: { tRNS: colourType === 0 && clear ? String(clear) : clear } };
}

/** Two bytes each. */
function samplesOf(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / 2 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
}

function greyPalette(bitDepth: number, clear: number | undefined) {
  const last = 2 ** bitDepth - 1;
  return {
    PLTE: Array.from({ length: 3 * (last + 1) }, (_, i) => (255 * Math.floor(i / 3)) / last),
    tRNS: Array.from({ length: last + 1 }, (_, sample) => (sample === clear ? 0 : 255)),
  };
}

/** A PNG of one pass, from the zlib stream of its rows. */
function plainPng(
  { bitDepth, colourType }: PngHeader,
  { width, height }: Pass,
  stream: Uint8Array,
): ArrayBuffer {
  const rest = Uint8Array.of(bitDepth, colourType, 0, 0, 0);
  const header = chunk("IHDR", uint32(width), uint32(height), rest);
  return concatenate([PNG_SIGNATURE, header, chunk("IDAT", stream), chunk("IEND")]).buffer;
}
