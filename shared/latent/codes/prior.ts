// The prior over codes on the SIMD kernels, cell by cell: a code that is drawn costs one cell of each layer, since what
// the cells before it gave stays in memory. Several digits are drawn side by side, because the weights of a cell, which no
// cache nearby holds, are then read once for all of them. To the bit what prior-reference.ts defines.

import { type Generator, uniform } from "../../arithmetic/random.ts";
import { type ModelSpec, size, type WeightSpec } from "../../model/spec.ts";
import { type StoredWeights, storedTensor } from "../../model/weights.ts";
import { checkDigit } from "../classes.ts";
import { checkGrid } from "./codebook.ts";
import { BATCH, type PlannedConvolution, planPrior } from "./prior-plan.ts";

/** What build/decode-kernels.wasm exports for it; addresses in bytes. */
interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly dequantize: (table: number, scale: number, minimum: number) => void;
  readonly expand: (table: number, source: number, count: number, to: number) => void;
  readonly gather: (
    table: number,
    step: number,
    bytes: number,
    indices: number,
    to: number,
    rows: number,
  ) => void;
  readonly accumulate: (
    x: number,
    inputs: number,
    weights: number,
    outputs: number,
    sums: number,
    rows: number,
  ) => void;
  readonly gate: (sums: number, channels: number, out: number, rows: number) => void;
  readonly rectify: (x: number, count: number, out: number) => void;
  readonly addTo: (out: number, x: number, count: number) => void;
  readonly weigh: (scores: number, count: number, sharpness: number) => void;
  readonly pick: (weights: number, count: number, share: number) => number;
}

export interface PriorRequest {
  readonly next: Generator;
  /** 0 to 9. */
  readonly digit: number;
  /** 0 (always the likeliest code) or more; 1 is the prior itself. */
  readonly temperature: number;
}

export interface Prior {
  /**
   * Draws the codes of all cells, in reading order, each with one number of the request's generator.
   * @returns [cells] for each request
   * @throws ArgumentError
   */
  readonly draw: (requests: readonly PriorRequest[]) => Uint16Array[];
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
    output: reserve(BATCH * cells * planned.layer.channels),
  }));
  const embedding = addressOf(plan.embedding);
  const [output, outputBias] = [addressOf(plan.output), addressOf(plan.outputBias)];
  const input = reserve(BATCH * cells * width);
  const widest = Math.max(plan.size, ...layers.map(({ channels }) => 2 * channels));
  const [sums, gated] = [reserve(BATCH * widest), reserve(BATCH * widest)];
  const [digits, chosen] = [reserve(BATCH), reserve(BATCH)];
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

  const indices = new Int32Array(kernels.memory.buffer);
  const setDigit = (row: number, digit: number) => {
    checkDigit(digit);
    indices[digits / FLOAT_BYTES + row] = digit;
  };
  /** Copies one row to all. */
  const spread = (from: number, count: number, to: number, rows: number) =>
    kernels.gather(from, 0, count * FLOAT_BYTES, digits, to, rows);

  /** Leaves the scores of a cell's codes in `sums`, [rows, size]. */
  const score = (cell: number, rows: number): void => {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    let from = input;
    for (const layer of layers) {
      const { channels, inputs, tapBytes } = layer;
      const biasBytes = 2 * channels * FLOAT_BYTES;
      const bias = layer.bias + (layer.places > 1 ? cell * biasBytes : 0);
      kernels.gather(bias, layer.places * biasBytes, biasBytes, digits, sums, rows);
      for (let tap = 0; tap < layer.taps.length; tap++) {
        const { rows: down, columns: right } = layer.taps[tap]!;
        const [y, x] = [row + down, column + right];
        if (y < 0 || x < 0 || x >= columns) continue;
        const seen = from + (y * columns + x) * BATCH * inputs * FLOAT_BYTES;
        kernels.accumulate(seen, inputs, layer.kernel + tap * tapBytes, 2 * channels, sums, rows);
      }
      kernels.gate(sums, channels, gated, rows);
      const at = cell * BATCH * channels * FLOAT_BYTES;
      spread(layer.mixBias, channels, layer.output + at, rows);
      kernels.accumulate(gated, channels, layer.mix, channels, layer.output + at, rows);
      if (layer.isResidual) kernels.addTo(layer.output + at, from + at, rows * channels);
      from = layer.output;
    }
    const { channels } = layers.at(-1)!;
    kernels.rectify(from + cell * BATCH * channels * FLOAT_BYTES, rows * channels, gated);
    spread(outputBias, plan.size, sums, rows);
    kernels.accumulate(gated, channels, output, plan.size, sums, rows);
  };
  const rowOf = (row: number) => sums + row * plan.size * FLOAT_BYTES;
  /** The codes in `chosen`, as what the cells after this one see. */
  const enter = (cell: number, rows: number) => {
    const bytes = width * FLOAT_BYTES;
    kernels.gather(embedding, bytes, bytes, chosen, input + cell * BATCH * bytes, rows);
  };

  const pick = (scores: number, { next, temperature }: PriorRequest): number => {
    const share = uniform(next);
    if (temperature === 0) return greatest(floats, scores / FLOAT_BYTES, plan.size);
    kernels.weigh(scores, plan.size, Math.fround(1 / temperature));
    return kernels.pick(scores, plan.size, share);
  };

  const drawBatch = (requests: readonly PriorRequest[]): Uint16Array[] => {
    requests.forEach(({ digit }, row) => {
      setDigit(row, digit);
    });
    const drawn = requests.map(() => new Uint16Array(cells));
    for (let cell = 0; cell < cells; cell++) {
      score(cell, requests.length);
      for (let row = 0; row < requests.length; row++) {
        const code = pick(rowOf(row), requests[row]!);
        drawn[row]![cell] = code;
        indices[chosen / FLOAT_BYTES + row] = code;
      }
      enter(cell, requests.length);
    }
    return drawn;
  };

  return {
    bytes: bytes.byteLength,
    draw: (requests) => {
      const drawn: Uint16Array[] = [];
      for (let start = 0; start < requests.length; start += BATCH) {
        drawn.push(...drawBatch(requests.slice(start, start + BATCH)));
      }
      return drawn;
    },
    nats: (codes, digit) => {
      setDigit(0, digit);
      checkGrid(codes, plan);
      let nats = 0;
      for (let cell = 0; cell < cells; cell++) {
        const code = codes[cell]!;
        score(cell, 1);
        kernels.weigh(sums, plan.size, 1);
        const at = sums / FLOAT_BYTES;
        const total = floats.subarray(at, at + plan.size).reduce((sum, weight) => sum + weight, 0);
        nats += Math.log(total / floats[at + code]!);
        indices[chosen / FLOAT_BYTES] = code;
        enter(cell, 1);
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
