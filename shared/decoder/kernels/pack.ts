// From a tensor as tfjs stores it to the panels that the kernels read, once when a network is loaded. uint8 weights are
// dequantized by a table of the 256 values of q * scale + min.
// Padding outputs repeat the last output, so that the bias of a single one fills all lanes (multiplyFour); weights of padding
// channels are zero.

import { Bank } from "./program";

/** Fills `table` with fround(q * scale + min) for q = 0 to 255. */
export function dequantize(table: usize, scale: f64, minimum: f64): void {
  for (let q = 0; q < 256; q++) store<f32>(table + ((<usize>q) << 2), <f32>(<f64>q * scale + minimum));
}

/** Packs a tensor: [panel][row][column][step][4 outputs][residues]. */
export function pack(bank: Bank): void {
  if (bank.table === 0) packElements<f32>(bank);
  else packElements<u8>(bank);
}

function packElements<T>(bank: Bank): void {
  const bytes = (<usize>bank.residues) << 2;
  let to = bank.to;
  for (let output = 0; output < bank.outputs; output += 4) {
    const o0 = originOf(bank, output);
    const o1 = originOf(bank, output + 1);
    const o2 = originOf(bank, output + 2);
    const o3 = originOf(bank, output + 3);
    for (let row = 0; row < bank.rows; row++) {
      for (let column = 0; column < bank.columns; column++) {
        const tap = row * bank.rowTap + column * bank.colTap;
        for (let channel = 0; channel < bank.inputs; channel += bank.residues, to += bytes << 2) {
          packResidues<T>(bank, o0 + tap, channel, to);
          packResidues<T>(bank, o1 + tap, channel, to + bytes);
          packResidues<T>(bank, o2 + tap, channel, to + bytes * 2);
          packResidues<T>(bank, o3 + tap, channel, to + bytes * 3);
        }
      }
    }
  }
}

/** One output's weights of neighbouring channels. */
function packResidues<T>(bank: Bank, tap: i32, channel: i32, to: usize): void {
  for (let end = channel + bank.residues; channel < end; channel++, to += 4) {
    const element = tap + channel * bank.inputStep;
    store<f32>(to, channel < bank.inputs ? read<T>(bank.source, bank.table, element) : 0);
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

function read<T>(source: usize, table: usize, element: i32): f32 {
  if (sizeof<T>() === 4) return load<f32>(source + ((<usize>element) << 2));
  return load<f32>(table + ((<usize>load<u8>(source + <usize>element)) << 2));
}
