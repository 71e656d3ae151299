// The prior over codes on the SIMD kernels, cell by cell: a code that is drawn costs one cell of each layer, since what
// the cells before it gave stays in memory. To the bit what reference.ts defines.

import { type Generator, uniform } from "../../arithmetic/random.ts";
import { type ModelSpec, size, type WeightSpec } from "../../model/spec.ts";
import { type StoredWeights, storedTensor } from "../../model/weights.ts";
import { checkDigit } from "../classes.ts";
import { checkGrid } from "./codebook.ts";
import { type PlannedConvolution, planPrior } from "./prior-plan.ts";

/** What build/decode-kernels.wasm exports for it; addresses in bytes. */
interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly dequantize: (table: number, scale: number, minimum: number) => void;
  readonly expand: (table: number, source: number, count: number, to: number) => void;
  readonly accumulate: (x: number, inputs: number, weights: number, outputs: number, sums: number) => void;
  readonly gate: (sums: number, channels: number, out: number) => void;
  readonly rectify: (x: number, count: number, out: number) => void;
  readonly addTo: (out: number, x: number, count: number) => void;
  readonly weigh: (scores: number, count: number, sharpness: number) => void;
  readonly pick: (weights: number, count: number, share: number) => number;
}

export interface Prior {
  /**
   * Draws the codes of all cells, in reading order, each with one number of the generator.
   * @param digit  0 to 9
   * @param temperature  0 (always the likeliest code) or more; 1 is the prior itself
   * @returns [cells]
   * @throws ArgumentError
   */
  readonly draw: (next: Generator, digit: number, temperature: number) => Uint16Array;
  /**
   * -log p(codes | digit), nats, of codes [cells].
   * @throws ArgumentError
   */
  readonly nats: (codes: ArrayLike<number>, digit: number) => number;
  /** Its memory. */
  readonly bytes: number;
}

const PAGE_BYTES = 65536;
const FLOAT_BYTES = 4;
/** The kernels' own scratch memory lies before. */
const FIRST_ADDRESS = 1024;
const TABLE_BYTES = 1024;

/**
 * Makes the prior of a model with codes.
 * @param module  build/decode-kernels.wasm, compiled
 * @param weights  as planPrior names them, quantized or not
 * @throws SpecError, WeightsError
 */
export function createPrior(module: WebAssembly.Module, spec: ModelSpec, weights: StoredWeights): Prior {
  const plan = planPrior(spec);
  const { rows, columns, width } = plan;
  const cells = rows * columns;

  // Memory: weights, then what the cells gave layer by layer, then working room.
  let end = FIRST_ADDRESS;
  const reserve = (floats: number): number => {
    const address = end;
    end = Math.ceil((end + floats * FLOAT_BYTES) / 16) * 16;
    return address;
  };
  const needed = plan.weights.filter(({ name }) => name !== plan.codebook.name && name !== plan.digits.name);
  const places = new Map(needed.map((tensor) => [tensor.name, reserve(size(tensor.shape))]));
  const addressOf = ({ name }: WeightSpec) => places.get(name)!;
  const layers = plan.layers.map((planned) => ({
    ...addressesOf(planned, addressOf),
    output: reserve(cells * planned.layer.channels),
  }));
  const embedding = addressOf(plan.embedding);
  const [output, outputBias] = [addressOf(plan.output), addressOf(plan.outputBias)];
  const input = reserve(cells * width);
  const widest = Math.max(plan.size, ...layers.map(({ channels }) => 2 * channels));
  const [sums, gated] = [reserve(widest), reserve(widest)];
  const table = reserve(TABLE_BYTES / FLOAT_BYTES);
  const largest = Math.max(...needed.map(({ shape }) => size(shape)));
  const source = reserve(largest / FLOAT_BYTES);

  const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;
  const missing = Math.ceil((end - kernels.memory.buffer.byteLength) / PAGE_BYTES);
  if (missing > 0) kernels.memory.grow(missing);
  const bytes = new Uint8Array(kernels.memory.buffer);
  const floats = new Float32Array(kernels.memory.buffer);
  for (const tensorSpec of needed) {
    const tensor = storedTensor(weights, tensorSpec);
    if ("scale" in tensor) {
      kernels.dequantize(table, tensor.scale, tensor.min);
      bytes.set(tensor.values, source);
      kernels.expand(table, source, tensor.values.length, addressOf(tensorSpec));
    } else {
      floats.set(tensor, addressOf(tensorSpec) / FLOAT_BYTES);
    }
  }

  const copy = (to: number, from: number, count: number) =>
    bytes.copyWithin(to, from, from + count * FLOAT_BYTES);

  /** Leaves the scores of a cell's codes in `sums`. */
  const score = (cell: number, digit: number): void => {
    let from = input;
    for (const layer of layers) {
      const { channels, inputs, tapBytes } = layer;
      const at = (digit * layer.places + (layer.places > 1 ? cell : 0)) * 2 * channels;
      copy(sums, layer.bias + at * FLOAT_BYTES, 2 * channels);
      const [row, column] = [Math.floor(cell / columns), cell % columns];
      for (let tap = 0; tap < layer.taps.length; tap++) {
        const { rows: down, columns: right } = layer.taps[tap]!;
        const [y, x] = [row + down, column + right];
        if (y < 0 || x < 0 || x >= columns) continue;
        const seen = from + (y * columns + x) * inputs * FLOAT_BYTES;
        kernels.accumulate(seen, inputs, layer.kernel + tap * tapBytes, 2 * channels, sums);
      }
      kernels.gate(sums, channels, gated);
      const to = layer.output + cell * channels * FLOAT_BYTES;
      copy(to, layer.mixBias, channels);
      kernels.accumulate(gated, channels, layer.mix, channels, to);
      if (layer.isResidual) kernels.addTo(to, from + cell * channels * FLOAT_BYTES, channels);
      from = layer.output;
    }
    const { channels } = layers.at(-1)!;
    kernels.rectify(from + cell * channels * FLOAT_BYTES, channels, gated);
    copy(sums, outputBias, plan.size);
    kernels.accumulate(gated, channels, output, plan.size, sums);
  };
  const enter = (cell: number, code: number) =>
    copy(input + cell * width * FLOAT_BYTES, embedding + code * width * FLOAT_BYTES, width);

  return {
    bytes: bytes.byteLength,
    draw: (next, digit, temperature) => {
      checkDigit(digit);
      const codes = new Uint16Array(cells);
      for (let cell = 0; cell < cells; cell++) {
        score(cell, digit);
        const share = uniform(next);
        const code = temperature === 0 ? greatest(floats, sums / FLOAT_BYTES, plan.size) : undefined;
        if (code === undefined) kernels.weigh(sums, plan.size, Math.fround(1 / temperature));
        codes[cell] = code ?? kernels.pick(sums, plan.size, share);
        enter(cell, codes[cell]!);
      }
      return codes;
    },
    nats: (codes, digit) => {
      checkDigit(digit);
      checkGrid(codes, plan);
      let nats = 0;
      for (let cell = 0; cell < cells; cell++) {
        const code = codes[cell]!;
        score(cell, digit);
        kernels.weigh(sums, plan.size, 1);
        const at = sums / FLOAT_BYTES;
        const total = floats.subarray(at, at + plan.size).reduce((sum, weight) => sum + weight, 0);
        nats += Math.log(total / floats[at + code]!);
        enter(cell, code);
      }
      return nats;
    },
  };
}

/** What a cell needs of a layer, at hand. */
function addressesOf(
  { layer, inputs, taps, kernel, bias, mix, mixBias }: PlannedConvolution,
  addressOf: (tensor: WeightSpec) => number,
) {
  return {
    channels: layer.channels,
    isResidual: layer.isResidual,
    inputs,
    taps,
    /** Cells that have a bias of their own. */
    places: bias.shape.length === 3 ? bias.shape[1]! : 1,
    tapBytes: inputs * 2 * layer.channels * FLOAT_BYTES,
    kernel: addressOf(kernel),
    bias: addressOf(bias),
    mix: addressOf(mix),
    mixBias: addressOf(mixBias),
  };
}

/** The first of the greatest. */
function greatest(values: Float32Array, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[from + i]! > values[from + best]!) best = i;
  return best;
}
