// A step of Adam in the memory that threads share, by the sum of their gradients.

import { adamUpdate } from "../../backend/kernels/adam";

/** Numbers of a row that are summed, then used: they stay in the processor's first cache. */
const CHUNK_BYTES: usize = 4096;

/**
 * Updates `bytes` of p, m and v by row 0 + row 1 + ..., added in float32 and in this order; the sums are written over row 0.
 * @param rows  address of the first row's numbers; those of the next row are `stride` bytes further
 * @param count  of rows
 * @param bytes  a multiple of 16
 * The rest is adamUpdate's.
 */
export function adamRows(
  rows: usize,
  count: i32,
  stride: usize,
  p: usize,
  m: usize,
  v: usize,
  bytes: usize,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  mCorrection: f32,
  vCorrection: f32,
): void {
  for (let at: usize = 0; at < bytes; at += CHUNK_BYTES) {
    const chunk = min(CHUNK_BYTES, bytes - at);
    addRows(rows + at, count, stride, chunk);
    const to = p + at;
    const size = <i32>(chunk >> 2);
    adamUpdate(
      to,
      rows + at,
      m + at,
      v + at,
      to,
      size,
      rate,
      beta1,
      beta2,
      epsilon,
      mCorrection,
      vCorrection,
    );
  }
}

function addRows(rows: usize, count: i32, stride: usize, bytes: usize): void {
  for (const end = rows + bytes; rows < end; rows += 16) {
    let sum = v128.load(rows);
    let row = rows;
    for (let next = 1; next < count; next++) {
      row += stride;
      sum = f32x4.add(sum, v128.load(row));
    }
    v128.store(rows, sum);
  }
}
