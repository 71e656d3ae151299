// Draws fields (field.ts), bit-equal to ../../image/ink/reference.ts. All addresses are in bytes.

import { cubic, horner, inkOf, linear, lineValue, quadratic, SPLINE_SCALE, slopeFrom } from "./spline";

/** Kinds of pieces. */
const BLANK: i32 = 0;
const INK: i32 = 1;
const EDGE: i32 = 2;

/**
 * Draws a field.
 * @param size  side of the digit's square, pixels
 * @param shear  pixels to the right for each pixel up from the middle
 * @param left, width  columns of the picture that are drawn, relative to the square
 * @param spare  (side + 56) * stride bytes
 * @param to  width * size bytes, and 16 more
 */
export function inkField(
  field: usize,
  level: f32,
  side: i32,
  stride: usize,
  size: i32,
  shear: f64,
  left: i32,
  width: i32,
  spare: usize,
  to: usize,
): void {
  const unit = 2 * size;
  const inverse: f32 = <f32>1 / <f32>unit;
  const lean = f32x4.splat(<f32>shear);
  const full = 255 * size;
  const gain = <f32>full / <f32>side;
  const steps = i32x4.mul(i32x4.splat(2 * side), i32x4(0, 1, 2, 3));
  const rowBytes = stride << 2;
  const values = spare;
  const slopes = values + rowBytes;
  const pieces = slopes + rowBytes + 16;
  const kinds = pieces + 8 * rowBytes;
  classify(field, level, side, stride, size, values, slopes, kinds);
  for (let y = 0; y < size; y++) {
    // Positions in units of 1 / (2 size) of the image's pixels, from the centre of its first.
    const down = (2 * y + 1) * side - size;
    const row = floorDivide(down, unit);
    const kindsOfRow = kinds + <usize>(row + 1) * stride;
    if (load<u8>(kindsOfRow + stride - 1) === 0) {
      memory.fill(to, 0, width);
      to += width;
      continue;
    }
    const part = down - row * unit;
    interpolateColumns(field + <usize>(row + 2) * rowBytes, rowBytes, <f32>part * inverse, values, slopes);
    splitColumns(values, slopes, rowBytes - 16, pieces);

    const below = side * (2 * y + 1 - size);
    const shift = <i32>floor(shear * <f64>below + 0.5);
    // The centre of pixel x is at start + 2 side x.
    const start = (2 * left + 1) * side - size + shift;
    for (let x = 0; x < width; ) {
      const column = floorDivide(start + 2 * side * x, unit);
      const kind = kindOf(kindsOfRow, column, side);
      let last = column;
      if (kind !== EDGE) while (last <= side && kindOf(kindsOfRow, last + 1, side) === kind) last++;
      // Beyond the last column all is paper.
      const end = last > side ? width : min(width, floorDivide((last + 1) * unit - start - 1, 2 * side) + 1);
      if (kind !== EDGE) {
        memory.fill(to + x, kind === INK ? 255 : 0, end - x);
        x = end;
        continue;
      }
      const piece = pieces + ((<usize>(column + 2)) << 2);
      const a0 = v128.load32_splat(piece);
      const a1 = v128.load32_splat(piece + rowBytes);
      const a2 = v128.load32_splat(piece + 2 * rowBytes);
      const a3 = v128.load32_splat(piece + 3 * rowBytes);
      const b0 = v128.load32_splat(piece + 4 * rowBytes);
      const b1 = v128.load32_splat(piece + 5 * rowBytes);
      const b2 = v128.load32_splat(piece + 6 * rowBytes);
      const b3 = v128.load32_splat(piece + 7 * rowBytes);
      const twice = f32x4.mul(f32x4.splat(2), a2);
      const thrice = f32x4.mul(f32x4.splat(3), a3);
      for (; x < end; x += 4) {
        const position = i32x4.add(i32x4.splat(start + 2 * side * x - column * unit), steps);
        const t = f32x4.mul(f32x4.convert_i32x4_s(position), f32x4.splat(inverse));
        const value = horner(a3, a2, a1, a0, t);
        const dx = f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(thrice, t), twice), t), a1);
        const dy = f32x4.add(horner(b3, b2, b1, b0, t), f32x4.mul(lean, dx));
        const words = inkOf(value, level, slopeFrom(dx, dy, gain));
        const halves = i16x8.narrow_i32x4_u(words, words);
        v128.store32_lane(to + x, i8x16.narrow_i16x8_u(halves, halves), 0);
      }
      x = end;
    }
    to += width;
  }
}

function kindOf(kinds: usize, column: i32, side: i32): i32 {
  return column < -2 || column > side ? BLANK : load<u8>(kinds + column + 2);
}

/**
 * Which pieces of the spline are all paper or all ink, and so need no arithmetic: by its coefficients, between which a
 * B-spline lies, and whose differences bound its gradient, by 36 sqrt(2) times the greatest, and by 36 * 1.87 times with the
 * greatest shear.
 * @param lows, highs  float32 [stride]
 * @param kinds  bytes [side + 1, stride]: of each piece, and last in each row whether any is not paper
 */
function classify(
  field: usize,
  level: f32,
  side: i32,
  stride: usize,
  size: i32,
  lows: usize,
  highs: usize,
  kinds: usize,
): void {
  const row = stride << 2;
  const scale = <f32>35 * (<f32>side / <f32>size);
  for (let y = 0; y <= side; y++, kinds += stride) {
    let at = field + <usize>(y + 1) * row;
    for (let x: usize = 0; x < row; x += 16, at += 16) {
      const c0 = v128.load(at);
      const c1 = v128.load(at + row);
      const c2 = v128.load(at + 2 * row);
      const c3 = v128.load(at + 3 * row);
      v128.store(lows + x, f32x4.min(f32x4.min(c0, c1), f32x4.min(c2, c3)));
      v128.store(highs + x, f32x4.max(f32x4.max(c0, c1), f32x4.max(c2, c3)));
    }
    let any: u8 = 0;
    for (let x: usize = 0; x <= <usize>side + 2; x++) {
      const low = lows + (x << 2);
      const high = highs + (x << 2);
      const least = min(min(load<f32>(low), load<f32>(low, 4)), min(load<f32>(low, 8), load<f32>(low, 12)));
      const most = max(
        max(load<f32>(high), load<f32>(high, 4)),
        max(load<f32>(high, 8), load<f32>(high, 12)),
      );
      // A pixel is full of ink from a height of half a pixel of its gradient on; the rest is for rounding.
      const needed = scale * (most - least) + <f32>1e-4;
      let kind: u8 = <u8>EDGE;
      if (least * SPLINE_SCALE - level > needed) kind = <u8>INK;
      else if (level - most * SPLINE_SCALE > needed) kind = <u8>BLANK;
      store<u8>(kinds + x, kind);
      any |= kind;
    }
    store<u8>(kinds + stride - 1, any);
  }
}

function floorDivide(a: i32, b: i32): i32 {
  const quotient = a / b;
  return quotient * b > a ? quotient - 1 : quotient;
}

/** 6 times the spline's value and slope along each column, between the second and the third of four rows. */
function interpolateColumns(at: usize, row: usize, place: f32, values: usize, slopes: usize): void {
  const t = f32x4.splat(place);
  for (const end = at + row; at < end; at += 16, values += 16, slopes += 16) {
    const c0 = v128.load(at);
    const c1 = v128.load(at + row);
    const c2 = v128.load(at + 2 * row);
    const c3 = v128.load(at + 3 * row);
    const a1 = linear(c0, c2);
    const a2 = quadratic(c0, c1, c2);
    const a3 = cubic(c0, c1, c2, c3);
    v128.store(values, horner(a3, a2, a1, lineValue(c0, c1, c2), t));
    const bent = f32x4.add(f32x4.mul(f32x4.mul(f32x4.splat(3), a3), t), f32x4.mul(f32x4.splat(2), a2));
    v128.store(slopes, f32x4.add(f32x4.mul(bent, t), a1));
  }
}

/** Polynomials along a row: eight arrays of coefficients, those of values, then those of slopes. */
function splitColumns(values: usize, slopes: usize, bytes: usize, to: usize): void {
  const step = bytes + 16;
  for (let at: usize = 0; at < bytes; at += 16) {
    splitFour(values + at, to + at, step);
    splitFour(slopes + at, to + 4 * step + at, step);
  }
}

function splitFour(from: usize, to: usize, step: usize): void {
  const c0 = v128.load(from);
  const c1 = v128.load(from, 4);
  const c2 = v128.load(from, 8);
  const c3 = v128.load(from, 12);
  v128.store(to, lineValue(c0, c1, c2));
  v128.store(to + step, linear(c0, c2));
  v128.store(to + 2 * step, quadratic(c0, c1, c2));
  v128.store(to + 3 * step, cubic(c0, c1, c2, c3));
}
