// Digits at any size from their logits, bit-equal to ../../image/ink/reference.ts. Fields are grids of `stride` floats a row, with
// three rows and columns of paper around the image; a piece of the spline is read from four by four of them. All addresses
// are in bytes.

const PAPER: f32 = -1;
const HALF_LOGIT: f32 = 12;
const KEPT: f32 = 1.5 / 36;
const BLURRED: f32 = 0.5 / 256 / 36;
const PAPER_COEFFICIENT: f32 = -1.0 / 36;
const MAX_LEVEL: f32 = 0.75;
const LEVEL_STEPS: i32 = 12;
const LEAST_GRADIENT: f32 = 1e-30;
const MARGIN: usize = 3;
/** Far below every level. */
const NOWHERE: f32 = -1e9;

/**
 * Coefficients of the field.
 * @param logits  float32 [side, side]
 * @param field, spare, to  grids
 */
export function fieldFromLogits(
  logits: usize,
  side: usize,
  stride: usize,
  field: usize,
  spare: usize,
  to: usize,
): void {
  const row = stride << 2;
  const count = (side + 2 * MARGIN) * stride;
  fill(field, count, PAPER);
  fill(spare, count, 16 * PAPER);
  fill(to, count, PAPER_COEFFICIENT);
  const first = MARGIN * (row + 4);
  const end = first + side * row;
  for (let at = first; at < end; at += row) {
    for (let x = at; x < at + (side << 2); x += 4, logits += 4) {
      const logit = load<f32>(logits);
      store<f32>(field + x, logit / (HALF_LOGIT + abs(logit)));
    }
  }
  for (let at = first; at < end; at += row) {
    for (let x = at; x < at + (side << 2); x += 4) store<f32>(spare + x, binomial(field + x, 4));
  }
  for (let at = first; at < end; at += row) {
    for (let x = at; x < at + (side << 2); x += 4) {
      store<f32>(to + x, load<f32>(field + x) * KEPT - binomial(spare + x, row) * BLURRED);
    }
  }
}

function fill(at: usize, count: usize, value: f32): void {
  for (const end = at + (count << 2); at < end; at += 4) store<f32>(at, value);
}

/** 16 times the weighted mean of five numbers around an address. */
function binomial(at: usize, step: usize): f32 {
  const outer = load<f32>(at - 2 * step) + load<f32>(at + 2 * step);
  return outer + 4 * (load<f32>(at - step) + load<f32>(at + step)) + 6 * load<f32>(at);
}

/**
 * The level at which the digit at its own size has as much ink as is asked for.
 * @param field  coefficients
 * @param ink  sum of the levels of all pixels
 * @param spare  8 * side * side bytes, and 16 more
 */
export function levelOf(field: usize, side: usize, stride: usize, ink: i32, spare: usize): f32 {
  const row = stride << 2;
  // Where t is 0 a piece's value and slope are its polynomial's last two coefficients.
  let to = spare;
  for (let y: usize = 0; y < side; y++) {
    let at = field + (MARGIN - 1 + y) * row + ((MARGIN - 1) << 2);
    for (let x: usize = 0; x < side; x += 4, at += 16, to += 32) {
      const left = at;
      const middle = at + 4;
      const right = at + 8;
      const values = lineValue(rowValue(left, row), rowValue(middle, row), rowValue(right, row));
      const dx = f32x4.mul(f32x4.splat(3), f32x4.sub(rowValue(right, row), rowValue(left, row)));
      const dy = lineValue(rowSlope(left, row), rowSlope(middle, row), rowSlope(right, row));
      const isInside = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(side - x)));
      v128.store(to, v128.bitselect(values, f32x4.splat(NOWHERE), isInside));
      v128.store(to, slopeFrom(dx, dy, 255), 16);
    }
  }
  let low: f32 = -MAX_LEVEL;
  let high: f32 = MAX_LEVEL;
  for (let step = 0; step < LEVEL_STEPS; step++) {
    const middle = (low + high) / 2;
    let sums = i32x4.splat(0);
    for (let at = spare; at < to; at += 32) {
      sums = i32x4.add(sums, inkOf(v128.load(at), middle, v128.load(at, 16)));
    }
    const sum =
      i32x4.extract_lane(sums, 0) +
      i32x4.extract_lane(sums, 1) +
      i32x4.extract_lane(sums, 2) +
      i32x4.extract_lane(sums, 3);
    if (sum >= ink) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Along columns, from three rows. */
function rowValue(at: usize, row: usize): v128 {
  return lineValue(v128.load(at), v128.load(at + row), v128.load(at + 2 * row));
}

function rowSlope(at: usize, row: usize): v128 {
  return f32x4.mul(f32x4.splat(3), f32x4.sub(v128.load(at + 2 * row), v128.load(at)));
}

function lineValue(c0: v128, c1: v128, c2: v128): v128 {
  return f32x4.add(f32x4.add(c0, c2), f32x4.mul(f32x4.splat(4), c1));
}

/** Levels per unit of height above the edge's. */
function slopeFrom(dx: v128, dy: v128, gain: f32): v128 {
  const gradient = f32x4.sqrt(f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy)));
  return f32x4.div(f32x4.splat(gain), f32x4.max(gradient, f32x4.splat(LEAST_GRADIENT)));
}

/** 255 (1/2 + (value - level) * slope), between 0 and 255, rounded half up. */
function inkOf(values: v128, level: f32, slope: v128): v128 {
  const ink = f32x4.add(f32x4.mul(f32x4.sub(values, f32x4.splat(level)), slope), f32x4.splat(128));
  return i32x4.trunc_sat_f32x4_u(f32x4.min(ink, f32x4.splat(255)));
}

/**
 * Draws a field.
 * @param size  side of the digit's square, pixels
 * @param shear  pixels to the right for each pixel up from the middle
 * @param left, width  columns of the picture that are drawn, relative to the square
 * @param spare  48 * stride bytes
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
  for (let y = 0; y < size; y++) {
    // Positions in units of 1 / (2 size) of the image's pixels, from the centre of its first.
    const down = (2 * y + 1) * side - size;
    const row = floorDivide(down, unit);
    const part = down - row * unit;
    interpolateColumns(field + <usize>(row + 2) * rowBytes, rowBytes, <f32>part * inverse, values, slopes);
    splitColumns(values, slopes, rowBytes - 16, pieces);

    const below = side * (2 * y + 1 - size);
    const shift = <i32>floor(shear * <f64>below + 0.5);
    // The centre of pixel x is at start + 2 side x.
    const start = (2 * left + 1) * side - size + shift;
    for (let x = 0; x < width; ) {
      const column = floorDivide(start + 2 * side * x, unit);
      const end = min(width, floorDivide((column + 1) * unit - start - 1, 2 * side) + 1);
      if (column < -2 || column > side) {
        memory.fill(to + x, 0, end - x);
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

function linear(c0: v128, c2: v128): v128 {
  return f32x4.mul(f32x4.splat(3), f32x4.sub(c2, c0));
}

function quadratic(c0: v128, c1: v128, c2: v128): v128 {
  return f32x4.mul(f32x4.splat(3), f32x4.sub(f32x4.add(c0, c2), f32x4.mul(f32x4.splat(2), c1)));
}

function cubic(c0: v128, c1: v128, c2: v128, c3: v128): v128 {
  return f32x4.add(f32x4.sub(c3, c0), f32x4.mul(f32x4.splat(3), f32x4.sub(c1, c2)));
}

function horner(a3: v128, a2: v128, a1: v128, a0: v128, t: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(f32x4.add(f32x4.mul(a3, t), a2), t), a1), t), a0);
}
