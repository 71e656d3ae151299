// From a tensor as tfjs stores it to the panels that the kernels read, once when a network is loaded. uint8 weights are
// dequantized by a table of the 256 values of q * scale + min.
// Padding outputs repeat the last output, so that the bias of a single one fills all lanes (multiplyFour); weights of padding
// channels are zero.

import { Bank } from "./program";

/** Fills `table` with fround(q * scale + min) for q = 0 to 255. */
export function dequantize(table: usize, scale: f64, minimum: f64): void {
  for (let q = 0; q < 256; q++) store<f32>(table + ((<usize>q) << 2), <f32>(<f64>q * scale + minimum));
}

/**
 * Packs a tensor: [panel][row][column][step][4 outputs][residues]. In few instructions, and once for both types: V8 compiles
 * what loops this often a second time, which would take longer than the packing.
 */
export function pack(bank: Bank): void {
  const bytes = (<usize>bank.residues) << 2;
  const steps = (bank.inputs + bank.residues - 1) / bank.residues;
  const panelBytes = <usize>(bank.rows * bank.columns * steps) * (bytes << 2);
  const lanes = (bank.outputs + 3) & ~3;
  for (let output = 0; output < lanes; output++) {
    const origin = originOf(bank, output);
    let to = bank.to + <usize>(output >> 2) * panelBytes + <usize>(output & 3) * bytes;
    for (let row = 0; row < bank.rows; row++) {
      for (let column = 0; column < bank.columns; column++) {
        const tap = origin + row * bank.rowTap + column * bank.colTap;
        for (let channel = 0; channel < bank.inputs; channel += bank.residues, to += bytes << 2) {
          packResidues(bank, tap, channel, to);
        }
      }
    }
  }
}

/** One output's weights of neighbouring channels. */
function packResidues(bank: Bank, tap: i32, channel: i32, to: usize): void {
  for (let end = channel + bank.residues; channel < end; channel++, to += 4) {
    const element = tap + channel * bank.inputStep;
    store<f32>(to, channel < bank.inputs ? read(bank.source, bank.table, element) : 0);
  }
}

/** Element of the source at which an output's weights begin. */
function originOf(bank: Bank, output: i32): i32 {
  const at = min(output, bank.outputs - 1);
  const pixel = at / bank.channels;
  return (
    bank.origin +
    (at % bank.channels) * bank.channelOutput +
    (pixel % bank.colOutputs) * bank.colOutput +
    (pixel / bank.colOutputs) * bank.rowOutput
  );
}

function read(source: usize, table: usize, element: i32): f32 {
  if (table === 0) return load<f32>(source + ((<usize>element) << 2));
  return load<f32>(table + ((<usize>load<u8>(source + <usize>element)) << 2));
}
