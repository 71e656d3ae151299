// Plans the memory of one network: the packed weights, tables and program that the kernels read, and the activations.
// Everything has its address before anything is loaded, and a run allocates nothing.

import type { AnyPlannedLayer } from "../model/layers.ts";
import { size } from "../model/spec.ts";
import { firstKey } from "./noise.ts";
import { planProduct, productsOf } from "./product.ts";
import { type Bank, KIND, OPERATION_BYTES, type Operation, operationWords } from "./program.ts";
import type { Product } from "./region.ts";

/** The kernels' scratch memory ends here. */
const FIRST_ADDRESS = 1024;
/** What vector instructions may read and write beyond the last number. */
const SLACK = 16;

/** Addresses in bytes. */
export interface Layout {
  /** Floats of one example. */
  readonly inputSize: number;
  readonly outputSize: number;
  readonly input: number;
  readonly output: number;
  readonly pixels: number;
  /** Each example's grain, int32. */
  readonly grains: number;
  readonly program: number;
  /** Tables and program, to be written before the first run. */
  readonly tables: readonly Table[];
  readonly banks: readonly Bank[];
  /** Start of scratch memory for loading: only activations lie beyond it. */
  readonly staging: number;
  readonly end: number;
}

interface Table {
  readonly address: number;
  readonly words: readonly number[];
}

/** @param maxBatch  examples in one run */
export function layOut(plan: readonly AnyPlannedLayer[], maxBatch: number): Layout {
  let end = FIRST_ADDRESS;
  const reserve = (bytes: number): number => {
    const address = end;
    end = Math.ceil((end + bytes) / 16) * 16;
    return address;
  };
  const tables: Table[] = [];
  const write = (words: readonly number[]): number => {
    const address = reserve(words.length * 4);
    tables.push({ address, words });
    return address;
  };

  // Weights, tables and program, which stay.
  const products = productsOf(plan);
  const planned = products.map((product) => planProduct(product, { maxBatch, reserve, write }));
  const others = products.filter(isPadded).length + products.filter(({ silu }) => silu).length;
  const count = planned.reduce((sum, { operations }) => sum + operations.length, others);
  const program = reserve(OPERATION_BYTES * count + 4);
  const grains = reserve(maxBatch * 4);

  // Activations: each layer reads one of two buffers, or its padded copy, and writes the other.
  const staging = end;
  const [inputSize, outputSize] = [size(plan[0]!.input), size(plan.at(-1)!.output)];
  const largest = Math.max(inputSize, ...products.map(({ output }) => size(output)));
  const buffers = [0, 1].map(() => reserve(maxBatch * largest * 4 + SLACK)) as [number, number];
  const padded = reserve(maxBatch * Math.max(0, ...products.filter(isPadded).map(paddedBytes)));
  const pixels = reserve(maxBatch * outputSize + SLACK);

  const operations = products.flatMap((product, index) => {
    const [from, to] = index % 2 === 0 ? buffers : [buffers[1], buffers[0]];
    const input = isPadded(product) ? padded : from;
    const [inputStride, outputStride] = [paddedBytes(product), size(product.output) * 4];
    const multiply = planned[index]!.operations.map((operation): Operation => {
      return { ...operation, input, inputStride, output: to + operation.offset, outputStride };
    });
    return [
      ...(isPadded(product) ? [padOperation(product, from, padded, grains)] : []),
      ...multiply,
      ...(product.silu ? [siluOperation(product, from, to)] : []),
    ];
  });
  tables.push({ address: program, words: [...operations.flatMap(operationWords), 0] });

  const banks = planned.flatMap((product) => product.banks);
  const output = buffers[products.length & 1]!;
  return {
    ...{ inputSize, outputSize, input: buffers[0], output, pixels },
    ...{ grains, program, tables, banks, staging, end },
  };
}

function isPadded(product: Product): boolean {
  return product.channels !== ownChannels(product);
}

/** Channels of an input pixel without noise. */
function ownChannels({ input, noise }: Product): number {
  return input[2] - (noise?.planes ?? 0);
}

/** Bytes of an input whose pixels have the channels that the kernels need. */
function paddedBytes({ input, channels }: Product): number {
  return input[0] * input[1] * channels * 4;
}

/** Copies pixels, with noise and zeros for the channels that are added. */
function padOperation(product: Product, input: number, output: number, grains: number): Operation {
  const [places, channels] = [product.input[0] * product.input[1], ownChannels(product)];
  const { noise } = product;
  return {
    kind: KIND.pad,
    input,
    inputStride: places * channels * 4,
    output,
    outputStride: paddedBytes(product),
    positionCount: places,
    rows: channels,
    steps: product.channels,
    panels: noise?.planes ?? 0,
    positions: grains,
    group: noise ? firstKey(noise.layer) : 0,
    ...{ inputRow: 0, weightSkip: 0, weights: 0, panelBytes: 0, bias: 0, scatter: 0, relu: 0 },
  };
}

/** Activates a layer's output in place, and adds its input where it is residual. */
function siluOperation({ output, silu }: Product, input: number, at: number): Operation {
  const outputStride = size(output) * 4;
  return {
    kind: KIND.silu,
    input,
    inputStride: outputStride,
    output: at,
    outputStride,
    positionCount: 0,
    rows: +(silu?.isResidual ?? false),
    steps: size(output) / 4,
    ...{ positions: 0, group: 0, residues: 0, inputRow: 0, weightSkip: 0 },
    ...{ panels: 0, weights: 0, panelBytes: 0, bias: 0, scatter: 0, relu: 0 },
  };
}
