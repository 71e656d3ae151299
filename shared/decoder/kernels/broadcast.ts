// Products with one to three input channels, such as an image's: lanes are outputs, and an input is broadcast to them.
// Each channel is a residue of its own, and the residues that are missing are zero.

import { emit } from "./emit";
import { Operation } from "./program";

/** Sums over the residues so far, by panel and position, after emit's vector. */
const SUMS: usize = 64;

/** Four positions and two panels; any of them may be the same. */
export function multiplyBroadcast(
  op: Operation,
  left: usize,
  right: usize,
  at0: usize,
  at1: usize,
  at2: usize,
  at3: usize,
  input: usize,
  output: usize,
): void {
  const zero = f32x4.splat(0);
  const step = (<usize>op.residues) << 2;
  const weightStep = (<usize>op.residues) << 4;
  const rowBytes = <usize>op.steps * step;
  const skip = op.inputRow - rowBytes;
  const weightSkip = op.weightSkip;
  const rows = op.rows;
  memory.fill(SUMS, 0, 128);
  for (let residue: usize = 0; residue < <usize>op.residues; residue++) {
    const from = input + (residue << 2);
    let p0 = from + load<usize>(at0);
    let p1 = from + load<usize>(at1);
    let p2 = from + load<usize>(at2);
    let p3 = from + load<usize>(at3);
    let v = op.weights + left * op.panelBytes + (residue << 4);
    let w = op.weights + right * op.panelBytes + (residue << 4);
    let a0 = zero;
    let a1 = zero;
    let a2 = zero;
    let a3 = zero;
    let b0 = zero;
    let b1 = zero;
    let b2 = zero;
    let b3 = zero;
    for (let row = 0; row < rows; row++) {
      const end = p0 + rowBytes;
      while (p0 < end) {
        const u = v128.load(v);
        const t = v128.load(w);
        let x = v128.load32_splat(p0);
        a0 = f32x4.add(a0, f32x4.mul(x, u));
        b0 = f32x4.add(b0, f32x4.mul(x, t));
        x = v128.load32_splat(p1);
        a1 = f32x4.add(a1, f32x4.mul(x, u));
        b1 = f32x4.add(b1, f32x4.mul(x, t));
        x = v128.load32_splat(p2);
        a2 = f32x4.add(a2, f32x4.mul(x, u));
        b2 = f32x4.add(b2, f32x4.mul(x, t));
        x = v128.load32_splat(p3);
        a3 = f32x4.add(a3, f32x4.mul(x, u));
        b3 = f32x4.add(b3, f32x4.mul(x, t));
        p0 += step;
        p1 += step;
        p2 += step;
        p3 += step;
        v += weightStep;
        w += weightStep;
      }
      p0 += skip;
      p1 += skip;
      p2 += skip;
      p3 += skip;
      v += weightSkip;
      w += weightSkip;
    }
    // (p0 + p1) + (p2 + 0) is p0 + p1, then + p2.
    addTo(SUMS, a0);
    addTo(SUMS + 16, a1);
    addTo(SUMS + 32, a2);
    addTo(SUMS + 48, a3);
    addTo(SUMS + 64, b0);
    addTo(SUMS + 80, b1);
    addTo(SUMS + 96, b2);
    addTo(SUMS + 112, b3);
  }
  emitSums(op, left << 4, SUMS, output, at0, at1, at2, at3);
  emitSums(op, right << 4, SUMS + 64, output, at0, at1, at2, at3);
}

function addTo(at: usize, sum: v128): void {
  v128.store(at, f32x4.add(v128.load(at), sum));
}

function emitSums(
  op: Operation,
  panel: usize,
  sums: usize,
  output: usize,
  at0: usize,
  at1: usize,
  at2: usize,
  at3: usize,
): void {
  emit(op, panel, v128.load(sums), output + load<usize>(at0, 4));
  emit(op, panel, v128.load(sums, 16), output + load<usize>(at1, 4));
  emit(op, panel, v128.load(sums, 32), output + load<usize>(at2, 4));
  emit(op, panel, v128.load(sums, 48), output + load<usize>(at3, 4));
}
