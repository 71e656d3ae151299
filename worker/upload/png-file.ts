// The container of a PNG: signature, header, order of chunks, checksums. Chunks that do not affect the pixels are skipped, so
// nothing compressed in them is ever inflated, and so is everything after the image data. Accepts the faulty files that
// libpng accepts, with the same pixels. PNG (Third Edition), 5, 11 and 13.2, https://www.w3.org/TR/png-3/

import { ImageError } from "../../shared/errors.ts";
import { PNG_SIGNATURE } from "../../shared/image/png.ts";
import { concatenate } from "../../shared/model/weights.ts";

/** Pixels. */
export const MAX_IMAGE_SIDE = 512;

/** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
type ColourType = 0 | 2 | 3 | 4 | 6;

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  readonly colourType: ColourType;
  readonly isInterlaced: boolean;
}

export interface PngFile {
  readonly header: PngHeader;
  /** PLTE: red, green, blue of each entry. */
  readonly palette: Uint8Array | undefined;
  /** tRNS: opacities of a palette's entries, or the one transparent colour with two bytes a sample. */
  readonly transparency: Uint8Array | undefined;
  /** The zlib stream of all IDAT. */
  readonly data: Uint8Array;
}

const HEADER_BYTES = 13;
/** Length, type and checksum. */
const FRAME_BYTES = 12;
/** Far more than encoders write, and few enough to walk through quickly. */
const MAX_CHUNKS = 16_384;
/** Table 3: bit depths by colour type. */
const BIT_DEPTHS: Readonly<Record<ColourType, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

export function bitsPerPixel({ colourType, bitDepth }: PngHeader): number {
  return SAMPLES[colourType] * bitDepth;
}

const faulty = (what: string) => new ImageError(`the PNG ${what}`);

/**
 * Parses a PNG, with every check that does not need inflating.
 * @param crc32  CRC-32, unsigned
 * @throws ImageError
 */
export function parsePng(bytes: Uint8Array, crc32: (bytes: Uint8Array) => number): PngFile {
  if (!PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    throw new ImageError("not a PNG: wrong signature");
  }
  let header: PngHeader | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const data: Uint8Array[] = [];
  for (const { type, body, isIntact } of chunks(bytes, crc32)) {
    if (!isIntact && isCritical(type)) {
      throw new ImageError(`the PNG's ${type} is damaged: its checksum is wrong`);
    }
    if (!header) header = parseHeader(type, body);
    else if (type === "IDAT") data.push(body);
    else if (type === "IHDR") throw faulty("has a second IHDR");
    else if (type === "PLTE") {
      if (palette) throw faulty("has a second PLTE");
      palette = checkPalette(body, header);
    } else if (type === "tRNS" && isIntact) transparency ??= readTransparency(body, header, palette);
    else if (isCritical(type) && type !== "IEND") {
      throw faulty(`needs a chunk of type ${type}, which the standard does not have`);
    }
  }
  if (!header || data.length === 0) throw faulty("has no image data");
  if (header.colourType === 3 && !palette) {
    throw faulty("has colours by palette and no palette before its image data");
  }
  return {
    header,
    palette: header.colourType === 3 ? palette : undefined,
    transparency,
    data: concatenate(data),
  };
}

/** The chunks up to the last IDAT; those are consecutive. */
function* chunks(bytes: Uint8Array, crc32: (bytes: Uint8Array) => number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = PNG_SIGNATURE.length;
  let isData = false;
  for (let count = 1; count <= MAX_CHUNKS; count++) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IEND" || (isData && type !== "IDAT")) return;
    const length = at + FRAME_BYTES <= bytes.length ? view.getUint32(at) : Infinity;
    const end = at + FRAME_BYTES + length;
    if (end > bytes.length) throw faulty("is cut off: it ends before its image data does");
    if (!/^[A-Za-z]{4}$/.test(type)) throw faulty("has a chunk whose type is not four letters");
    isData = type === "IDAT";
    /** Whether the checksum is right, for chunks that the pixels may depend on. */
    const isIntact =
      !(isCritical(type) || type === "tRNS") ||
      crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
    yield { type, body: bytes.subarray(at + 8, end - 4), isIntact };
    at = end;
  }
  throw faulty(`has more than ${MAX_CHUNKS} chunks`);
}

/** 5.4: types that a decoder must know begin with a capital. */
function isCritical(type: string): boolean {
  return type.charCodeAt(0) < 97;
}

function parseHeader(type: string, body: Uint8Array): PngHeader {
  if (type !== "IHDR" || body.length !== HEADER_BYTES) {
    throw faulty(`starts with ${type} of ${body.length} bytes; expected IHDR of ${HEADER_BYTES}`);
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bitDepth, colour, compression, filter, interlace] = body.subarray(8) as unknown as number[];
  if (width < 1 || height < 1 || width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE) {
    throw faulty(`has ${width} x ${height} pixels, expected 1 to ${MAX_IMAGE_SIDE} a side`);
  }
  const colourType = colour as ColourType;
  if (!BIT_DEPTHS[colourType]?.includes(bitDepth!)) {
    throw faulty(`has colour type ${colour} with ${bitDepth} bits, which the standard does not have`);
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    throw faulty(
      `has compression ${compression}, filter method ${filter} and interlace ${interlace}; expected 0, 0, and 0 or 1`,
    );
  }
  return { width, height, bitDepth: bitDepth!, colourType, isInterlaced: interlace === 1 };
}

/** The entries that the depth can address. In other colour types a palette is a suggestion, and not checked. */
function checkPalette(body: Uint8Array, { colourType, bitDepth }: PngHeader): Uint8Array {
  if (colourType !== 3) return body;
  const entries = body.length / 3;
  if (!Number.isInteger(entries) || entries < 1 || entries > 256) {
    throw faulty(`has a palette of ${body.length} bytes; expected 1 to 256 entries of 3`);
  }
  return body.subarray(0, 3 * 2 ** bitDepth);
}

/**
 * Undefined, so opaque, if its length, place or colour type is wrong. Bits of the transparent colour above the depth are
 * ignored (11.3.1.1).
 */
function readTransparency(
  body: Uint8Array,
  { colourType, bitDepth }: PngHeader,
  palette: Uint8Array | undefined,
): Uint8Array | undefined {
  if (colourType === 3) return palette && body.length <= palette.length / 3 ? body : undefined;
  if (body.length !== { 0: 2, 2: 6, 4: NaN, 6: NaN }[colourType]) return undefined;
  return bitDepth === 16 ? body : body.map((byte, i) => (i % 2 === 0 ? 0 : byte % 2 ** bitDepth));
}
