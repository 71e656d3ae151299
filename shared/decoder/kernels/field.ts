// A digit's field and level from its logits, bit-equal to ../../image/ink/reference.ts. Fields are grids of `stride` floats a
// row, with MARGIN rows and columns of paper around the image. All addresses are in bytes.

import { inkOf, lineValue, MARGIN, slopeFrom } from "./spline";

const PAPER: f32 = -1;
const HALF_LOGIT: f32 = 12;
const KEPT: f32 = 1.5 / 36;
const BLURRED: f32 = 0.5 / 256 / 36;
const PAPER_COEFFICIENT: f32 = -1.0 / 36;
const MAX_LEVEL: f32 = 0.75;
const LEVEL_STEPS: i32 = 12;
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
