// From a tensor as tfjs stores it to the panels that the kernels read, once when a network is loaded. uint8 weights are
// dequantized on the way: there are 256 values of q * scale + min, so a table holds them.
// Outputs beyond the last, and channels beyond the last, repeat the last one: nobody reads the former, and the latter
// meet zeros.

import { Bank } from "./program";

/** Fills `table` with fround(q * scale + min) for q = 0 to 255. */
export function dequantize(table: usize, scale: f64, minimum: f64): void {
  for (let q = 0; q < 256; q++) store<f32>(table + ((<usize>q) << 2), <f32>(<f64>q * scale + minimum));
}

/** Packs a tensor: [panel][row][column][step][4 outputs][4 residues], or [..][residues][4 outputs] for fewer residues. */
export function pack(bank: Bank): void {
  if (bank.table === 0) packElements<f32>(bank);
  else packElements<u8>(bank);
}

function packElements<T>(bank: Bank): void {
  const source = bank.source;
  const table = bank.table;
  const lastInput = bank.inputs - 1;
  let to = bank.to;
  for (let output = 0; output < bank.outputs; output += 4) {
    const o0 = originOf(bank, output);
    const o1 = originOf(bank, output + 1);
    const o2 = originOf(bank, output + 2);
    const o3 = originOf(bank, output + 3);
    for (let row = 0; row < bank.rows; row++) {
      for (let column = 0; column < bank.columns; column++) {
        const tap = row * bank.rowTap + column * bank.colTap;
        if (bank.residues === 4) {
          for (let channel = 0; channel <= lastInput; channel += 4, to += 64) {
            const c0 = tap + channel * bank.inputStep;
            const c1 = tap + min(channel + 1, lastInput) * bank.inputStep;
            const c2 = tap + min(channel + 2, lastInput) * bank.inputStep;
            const c3 = tap + min(channel + 3, lastInput) * bank.inputStep;
            store<f32>(to, read<T>(source, table, o0 + c0));
            store<f32>(to, read<T>(source, table, o0 + c1), 4);
            store<f32>(to, read<T>(source, table, o0 + c2), 8);
            store<f32>(to, read<T>(source, table, o0 + c3), 12);
            store<f32>(to, read<T>(source, table, o1 + c0), 16);
            store<f32>(to, read<T>(source, table, o1 + c1), 20);
            store<f32>(to, read<T>(source, table, o1 + c2), 24);
            store<f32>(to, read<T>(source, table, o1 + c3), 28);
            store<f32>(to, read<T>(source, table, o2 + c0), 32);
            store<f32>(to, read<T>(source, table, o2 + c1), 36);
            store<f32>(to, read<T>(source, table, o2 + c2), 40);
            store<f32>(to, read<T>(source, table, o2 + c3), 44);
            store<f32>(to, read<T>(source, table, o3 + c0), 48);
            store<f32>(to, read<T>(source, table, o3 + c1), 52);
            store<f32>(to, read<T>(source, table, o3 + c2), 56);
            store<f32>(to, read<T>(source, table, o3 + c3), 60);
          }
        } else {
          for (let channel = 0; channel <= lastInput; channel++, to += 16) {
            const at = tap + channel * bank.inputStep;
            store<f32>(to, read<T>(source, table, o0 + at));
            store<f32>(to, read<T>(source, table, o1 + at), 4);
            store<f32>(to, read<T>(source, table, o2 + at), 8);
            store<f32>(to, read<T>(source, table, o3 + at), 12);
          }
        }
      }
    }
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
