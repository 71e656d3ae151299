// The container of a PNG: signature, header, chunks in order, checksums. Chunks that do not matter to the pixels are
// passed over unread, so that nothing compressed in them is ever inflated. PNG (Third Edition), 5 and 11,
// https://www.w3.org/TR/png-3/

import { ImageError } from "../errors.ts";
import { concatenate } from "../weights.ts";

/** Largest side of an image that is read, pixels. */
export const MAX_IMAGE_SIDE = 512;

/** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
export type ColourType = 0 | 2 | 3 | 4 | 6;

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

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER_BYTES = 13;
/** Length, type and checksum. */
const FRAME_BYTES = 12;
/** Far more than encoders write, and few enough that walking through them takes no time. */
const MAX_CHUNKS = 2048;
/** Table 3: bit depths by colour type. */
const BIT_DEPTHS: Readonly<Record<ColourType, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

interface Chunk {
  readonly type: string;
  readonly body: Uint8Array;
}

/**
 * Takes a PNG apart, with every check that needs no inflating.
 * @param crc32  CRC-32, unsigned
 * @throws ImageError
 */
export function parsePng(bytes: Uint8Array, crc32: (bytes: Uint8Array) => number): PngFile {
  if (!PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    throw new ImageError("the image does not start as a PNG does");
  }
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const data: Uint8Array[] = [];
  let isDataOver = false;
  let header: PngHeader | undefined;
  for (const { type, body } of chunks(bytes, crc32)) {
    if (!header) {
      header = parseHeader(type, body);
      continue;
    }
    if (type === "IHDR") throw new ImageError("the PNG has a second IHDR");
    if (type === "IDAT" && isDataOver)
      throw new ImageError("the PNG has other chunks between its IDAT chunks");
    if (data.length > 0 && type !== "IDAT") isDataOver = true;
    if (type === "IDAT") data.push(body);
    else if (type === "PLTE") {
      if (palette || data.length > 0) throw new ImageError("the PNG has a PLTE that is late or second");
      palette = checkPalette(body, header);
    } else if (type === "tRNS" && data.length === 0) transparency = body;
    else if (type !== "IEND" && isCritical(type)) {
      throw new ImageError(`the PNG needs a chunk of type ${type}, which the standard does not have`);
    }
  }
  if (!header || data.length === 0) throw new ImageError("the PNG has no image data");
  if (header.colourType === 3 && !palette)
    throw new ImageError("the PNG has colours by palette and no palette");
  return {
    header,
    palette: header.colourType === 3 ? palette : undefined,
    transparency: transparency && readTransparency(transparency, header, palette),
    data: concatenate(data),
  };
}

/** All chunks up to IEND; checksums are compared where the pixels depend on them. */
function* chunks(bytes: Uint8Array, crc32: (bytes: Uint8Array) => number): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = PNG_SIGNATURE.length;
  for (let count = 1; count <= MAX_CHUNKS; count++) {
    const length = at + FRAME_BYTES <= bytes.length ? view.getUint32(at) : Infinity;
    const end = at + FRAME_BYTES + length;
    if (end > bytes.length) throw new ImageError("the PNG is cut off: it ends before its IEND");
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type))
      throw new ImageError("the PNG has a chunk whose type is not four letters");
    const body = bytes.subarray(at + 8, end - 4);
    if (isCritical(type) || type === "tRNS") {
      const isIntact = crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
      if (!isIntact) throw new ImageError(`the PNG's ${type} is damaged: its checksum is wrong`);
    }
    yield { type, body };
    if (type === "IEND") return;
    at = end;
  }
  throw new ImageError(`the PNG has more than ${MAX_CHUNKS} chunks`);
}

/** 5.4: the first letter of what a decoder must know is a capital. */
function isCritical(type: string): boolean {
  return type.charCodeAt(0) < 97;
}

function parseHeader(type: string, body: Uint8Array): PngHeader {
  if (type !== "IHDR" || body.length !== HEADER_BYTES) {
    throw new ImageError(
      `the PNG starts with ${type} of ${body.length} bytes; expected IHDR of ${HEADER_BYTES}`,
    );
  }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bitDepth, colour, compression, filter, interlace] = body.subarray(8) as unknown as number[];
  if (width < 1 || height < 1 || width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE) {
    throw new ImageError(`the PNG has ${width} x ${height} pixels; a side is 1 to ${MAX_IMAGE_SIDE}`);
  }
  const colourType = colour as ColourType;
  if (!BIT_DEPTHS[colourType]?.includes(bitDepth!)) {
    throw new ImageError(
      `the PNG has colour type ${colour} with ${bitDepth} bits, which the standard does not`,
    );
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    throw new ImageError(
      `the PNG has compression ${compression}, filter method ${filter} and interlace ${interlace}; expected 0, 0, and 0 or 1`,
    );
  }
  return { width, height, bitDepth: bitDepth!, colourType, isInterlaced: interlace === 1 };
}

function checkPalette(body: Uint8Array, { colourType, bitDepth }: PngHeader): Uint8Array {
  const most = colourType === 3 ? 2 ** bitDepth : 256;
  const entries = body.length / 3;
  if (!Number.isInteger(entries) || entries < 1 || entries > most) {
    throw new ImageError(`the PNG has a palette of ${body.length} bytes; expected 1 to ${most} entries of 3`);
  }
  return body;
}

/** The transparent colour's bits above the depth are cut, as 11.3.1.1 asks for. */
function readTransparency(
  body: Uint8Array,
  { colourType, bitDepth }: PngHeader,
  palette: Uint8Array | undefined,
): Uint8Array | undefined {
  if (colourType === 4 || colourType === 6) return undefined;
  const most = colourType === 3 ? palette!.length / 3 : colourType === 0 ? 2 : 6;
  if (colourType === 3 ? body.length > most : body.length !== most) {
    throw new ImageError(`the PNG has a tRNS of ${body.length} bytes; expected ${most}`);
  }
  if (colourType === 3 || bitDepth === 16) return body;
  return body.map((byte, i) => (i % 2 === 0 ? 0 : byte % 2 ** bitDepth));
}
