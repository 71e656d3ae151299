// Grey levels to PNG and APNG. PNG (Third Edition),
// https://www.w3.org/TR/png-3/

import { ArgumentError } from "../errors.ts";
import { concatenate } from "../model/weights.ts";
import { mix, type Style, WHITE_ON_BLACK } from "./colour.ts";
import { deflate } from "./deflate.ts";
import { chooseFilter, type Filter, filterRows } from "./filter.ts";
import { type Paint, type Paints, paintPlainly, unfilteredRows } from "./paint.ts";
import type { GreyImage } from "./raster.ts";

export const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/**
 * A still image as a PNG file.
 * @param paints  colour types to choose from
 */
export function encodePng(
  image: GreyImage,
  style: Style = WHITE_ON_BLACK,
  paints: Paints = paintPlainly,
): Uint8Array<ArrayBuffer> {
  const filter = chooseFilter(image);
  return shortest(paints([image], style), (paint) => [
    PNG_SIGNATURE,
    header(image, paint),
    ...tablesOf(paint, style),
    chunk("IDAT", compress(image, paint, filter)),
    chunk("IEND"),
  ]);
}

/** The shortest of files. */
function shortest(
  paints: readonly Paint[],
  write: (paint: Paint) => readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const files = paints.map((paint) => concatenate(write(paint)));
  return files.reduce((best, file) => (file.length < best.length ? file : best));
}

/**
 * Frames of one size as an animated PNG that loops endlessly; a viewer without APNG shows the first frame.
 * @param framesPerSecond  whole number, 1 to 65,535
 * @throws ArgumentError
 */
export function encodeApng(
  frames: readonly GreyImage[],
  framesPerSecond: number,
  style: Style = WHITE_ON_BLACK,
  paints: Paints = paintPlainly,
): Uint8Array<ArrayBuffer> {
  const first = frames[0];
  if (!first) throw new ArgumentError("an animation has at least one frame, found none");
  const odd = frames.find(({ width, height }) => width !== first.width || height !== first.height);
  if (odd) {
    throw new ArgumentError(
      `all frames of an animation have one size, found ${odd.width} x ${odd.height} behind ${first.width} x ${first.height}`,
    );
  }
  if (!Number.isInteger(framesPerSecond) || framesPerSecond < 1 || framesPerSecond > 65_535) {
    throw new ArgumentError(`frames per second are a whole number from 1 to 65535, found ${framesPerSecond}`);
  }
  const filter = chooseFilter(first);
  return shortest(paints(frames, style), (paint) => [
    PNG_SIGNATURE,
    header(first, paint),
    // acTL: number of frames, number of plays (0 is endless).
    chunk("acTL", uint32(frames.length), uint32(0)),
    ...tablesOf(paint, style),
    ...frameChunks(frames, framesPerSecond, paint, filter),
    chunk("IEND"),
  ]);
}

function frameChunks(
  frames: readonly GreyImage[],
  framesPerSecond: number,
  paint: Paint,
  filter: Filter,
): Uint8Array[] {
  let sequence = 0;
  return frames.flatMap((frame, index) => {
    // fcTL: sequence, width, height, x, y, delay numerator and denominator (16 bits), dispose none, blend source.
    const control = new DataView(new ArrayBuffer(26));
    control.setUint32(0, sequence++);
    control.setUint32(4, frame.width);
    control.setUint32(8, frame.height);
    control.setUint16(20, 1);
    control.setUint16(22, framesPerSecond);
    const data = compress(frame, paint, filter);
    return [
      chunk("fcTL", new Uint8Array(control.buffer)),
      index === 0 ? chunk("IDAT", data) : chunk("fdAT", uint32(sequence++), data),
    ];
  });
}

/** PLTE and tRNS of a palette. */
function tablesOf({ palette }: Paint, { foreground, background }: Style): Uint8Array[] {
  if (!palette) return [];
  const isTransparent = background === "transparent";
  const colours = palette.flatMap((level) =>
    foreground.map((value, i) => (isTransparent ? value : mix(background[i]!, value, level))),
  );
  // tRNS: the opacity of each entry; entries without one are opaque.
  const opacities = palette.filter((level) => level < 255);
  const tables = [chunk("PLTE", Uint8Array.from(colours))];
  if (isTransparent && opacities.length > 0) tables.push(chunk("tRNS", Uint8Array.from(opacities)));
  return tables;
}

/** IHDR: width, height, bit depth, colour type, default compression and filters, no interlace. */
function header({ width, height }: GreyImage, { depth, colourType }: Paint): Uint8Array {
  return chunk("IHDR", uint32(width), uint32(height), Uint8Array.of(depth, colourType, 0, 0, 0));
}

function compress(image: GreyImage, paint: Paint, filter: Filter): Uint8Array {
  const isByte = paint.depth === 8 && paint.values.length === 256;
  const rows = isByte ? filterRows(image, paint.values, filter) : unfilteredRows(image, paint);
  return deflate(rows, rows.length / image.height);
}

/** Length, type, data, CRC-32 of type and data. */
export function chunk(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length + 12);
  bytes.set(uint32(length));
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(uint32(crc32(bytes, 4, at)), at);
  return bytes;
}

function crc32(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1;
  for (let at = from; at < to; at++) crc = CRC_TABLE[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
  return ~crc;
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
