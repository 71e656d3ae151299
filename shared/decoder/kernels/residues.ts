// Products of windows with panels: lanes are channel residues, so an output's four partial sums are one vector, inputs
// come in vectors too, and a window's rows are read straight from the image.
// The tiles of a pair and of a single position have eight sums, which hide an addition's latency and leave registers free;
// how far each loop is unrolled was measured (V8 runs the first slower when unrolled, the second faster).

import { activate, emit } from "./emit";
import { Operation } from "./program";

/** Where multiplySingle leaves its sums: were they used from registers here, V8 would spill them in the loop above. */
const SUMS: usize = 64;

/** Two positions, which may be the same one, and a panel. */
export function multiplyPair(
  op: Operation,
  panel: usize,
  at: usize,
  at1: usize,
  input: usize,
  output: usize,
): void {
  const zero = f32x4.splat(0);
  const rowBytes = (<usize>op.steps) << 4;
  const skip = op.inputRow - rowBytes;
  const weightSkip = op.weightSkip;
  const rows = op.rows;
  let p = input + load<usize>(at);
  let q = input + load<usize>(at1);
  let w = op.weights + panel * op.panelBytes;
  let a0 = zero;
  let a1 = zero;
  let a2 = zero;
  let a3 = zero;
  let b0 = zero;
  let b1 = zero;
  let b2 = zero;
  let b3 = zero;
  for (let row = 0; row < rows; row++) {
    const end = p + rowBytes;
    while (p < end) {
      const x = v128.load(p);
      const y = v128.load(q);
      let u = v128.load(w);
      a0 = f32x4.add(a0, f32x4.mul(x, u));
      b0 = f32x4.add(b0, f32x4.mul(y, u));
      u = v128.load(w, 16);
      a1 = f32x4.add(a1, f32x4.mul(x, u));
      b1 = f32x4.add(b1, f32x4.mul(y, u));
      u = v128.load(w, 32);
      a2 = f32x4.add(a2, f32x4.mul(x, u));
      b2 = f32x4.add(b2, f32x4.mul(y, u));
      u = v128.load(w, 48);
      a3 = f32x4.add(a3, f32x4.mul(x, u));
      b3 = f32x4.add(b3, f32x4.mul(y, u));
      p += 16;
      q += 16;
      w += 64;
    }
    p += skip;
    q += skip;
    w += weightSkip;
  }
  const a = sumResidues(a0, a1, a2, a3);
  const b = sumResidues(b0, b1, b2, b3);
  emit(op, panel << 4, a, output + load<usize>(at, 4));
  emit(op, panel << 4, b, output + load<usize>(at1, 4));
}

/**
 * One position, rows of an even number of steps, and all panels but an odd last one, two at a time. Reads the weights
 * once, in order. Rows are not a loop of their own, since V8 spills the sums around an unrolled inner loop.
 */
export function multiplySingle(op: Operation, at: usize, input: usize, output: usize): void {
  const zero = f32x4.splat(0);
  const rowBytes = (<usize>op.steps) << 4;
  const skip = op.inputRow - rowBytes;
  const weightSkip = op.weightSkip;
  const rows = op.rows;
  const panelBytes = op.panelBytes;
  const from = input + load<usize>(at);
  output += load<usize>(at, 4);
  const panels = (<usize>(op.panels & ~1)) << 4;
  let left = op.weights;
  for (let panel: usize = 0; panel < panels; panel += 32) {
    let p = from;
    let v = left;
    let w = left + panelBytes;
    left = w + panelBytes;
    let a0 = zero;
    let a1 = zero;
    let a2 = zero;
    let a3 = zero;
    let b0 = zero;
    let b1 = zero;
    let b2 = zero;
    let b3 = zero;
    let row = rows;
    let end = p + rowBytes;
    while (row > 0) {
      let x = v128.load(p);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(v)));
      a1 = f32x4.add(a1, f32x4.mul(x, v128.load(v, 16)));
      a2 = f32x4.add(a2, f32x4.mul(x, v128.load(v, 32)));
      a3 = f32x4.add(a3, f32x4.mul(x, v128.load(v, 48)));
      b0 = f32x4.add(b0, f32x4.mul(x, v128.load(w)));
      b1 = f32x4.add(b1, f32x4.mul(x, v128.load(w, 16)));
      b2 = f32x4.add(b2, f32x4.mul(x, v128.load(w, 32)));
      b3 = f32x4.add(b3, f32x4.mul(x, v128.load(w, 48)));
      x = v128.load(p, 16);
      a0 = f32x4.add(a0, f32x4.mul(x, v128.load(v, 64)));
      a1 = f32x4.add(a1, f32x4.mul(x, v128.load(v, 80)));
      a2 = f32x4.add(a2, f32x4.mul(x, v128.load(v, 96)));
      a3 = f32x4.add(a3, f32x4.mul(x, v128.load(v, 112)));
      b0 = f32x4.add(b0, f32x4.mul(x, v128.load(w, 64)));
      b1 = f32x4.add(b1, f32x4.mul(x, v128.load(w, 80)));
      b2 = f32x4.add(b2, f32x4.mul(x, v128.load(w, 96)));
      b3 = f32x4.add(b3, f32x4.mul(x, v128.load(w, 112)));
      p += 32;
      v += 128;
      w += 128;
      if (p >= end) {
        row--;
        p += skip;
        end = p + rowBytes;
        v += weightSkip;
        w += weightSkip;
      }
    }
    v128.store(SUMS, a0);
    v128.store(SUMS, a1, 16);
    v128.store(SUMS, a2, 32);
    v128.store(SUMS, a3, 48);
    v128.store(SUMS, b0, 64);
    v128.store(SUMS, b1, 80);
    v128.store(SUMS, b2, 96);
    v128.store(SUMS, b3, 112);
    emit(op, panel, loadSums(SUMS), output);
    emit(op, panel + 16, loadSums(SUMS + 64), output);
  }
}

/** Four positions, those beyond the last being the last, and a panel's only output, whose bias is in all lanes (pack.ts). */
export function multiplyFour(op: Operation, at: usize, last: usize, input: usize, output: usize): void {
  const zero = f32x4.splat(0);
  const at1 = min(at + 8, last);
  const at2 = min(at + 16, last);
  const at3 = min(at + 24, last);
  const rowBytes = (<usize>op.steps) << 4;
  const skip = op.inputRow - rowBytes;
  const weightSkip = op.weightSkip;
  const rows = op.rows;
  let p = input + load<usize>(at);
  let q = input + load<usize>(at1);
  let r = input + load<usize>(at2);
  let s = input + load<usize>(at3);
  let w = op.weights;
  let a0 = zero;
  let a1 = zero;
  let a2 = zero;
  let a3 = zero;
  for (let row = 0; row < rows; row++) {
    const end = p + rowBytes;
    while (p < end) {
      const u = v128.load(w);
      a0 = f32x4.add(a0, f32x4.mul(v128.load(p), u));
      a1 = f32x4.add(a1, f32x4.mul(v128.load(q), u));
      a2 = f32x4.add(a2, f32x4.mul(v128.load(r), u));
      a3 = f32x4.add(a3, f32x4.mul(v128.load(s), u));
      p += 16;
      q += 16;
      r += 16;
      s += 16;
      w += 64;
    }
    p += skip;
    q += skip;
    r += skip;
    s += skip;
    w += weightSkip;
  }
  const result = activate(op, 0, sumResidues(a0, a1, a2, a3));
  v128.store32_lane(output + load<usize>(at, 4), result, 0);
  v128.store32_lane(output + load<usize>(at1, 4), result, 1);
  v128.store32_lane(output + load<usize>(at2, 4), result, 2);
  v128.store32_lane(output + load<usize>(at3, 4), result, 3);
}

function loadSums(at: usize): v128 {
  return sumResidues(v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48));
}

/** (p0 + p1) + (p2 + p3) of four outputs: transpose, then add. */
function sumResidues(a0: v128, a1: v128, a2: v128, a3: v128): v128 {
  const low01 = v128.shuffle<f32>(a0, a1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(a0, a1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(a2, a3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(a2, a3, 2, 6, 3, 7);
  return f32x4.add(
    f32x4.add(v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7)),
    f32x4.add(v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), v128.shuffle<f32>(high01, high23, 2, 3, 6, 7)),
  );
}
