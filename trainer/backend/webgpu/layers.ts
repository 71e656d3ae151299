// A planned layer as products: forward with bias, ReLU and dropout, the gradient by its input, and the gradients by its
// kernel and bias in one. Dense layers are convolutions of one pixel. The gradients of ReLU and dropout need no pass: positive
// outputs were kept.

import type { PlannedLayer } from "../../../shared/model/layers.ts";
import { type Product, splitOf } from "./product.ts";
import { type Binding, reads, writes } from "./program.ts";
import { STREAMS } from "./random.ts";
import { gatherPatch, scatterPhases, type Window, windowOf } from "./window.ts";

/** A layer with weights, for a batch of a given size, and its buffers. */
export interface DeviceLayer {
  readonly planned: PlannedLayer;
  readonly batch: number;
  readonly isRelu: boolean;
  /** Dropout rate of units or channels. */
  readonly dropout: number;
  /** Its number among the layers, which selects its masks. */
  readonly number: number;
  readonly input: GPUBuffer;
  readonly output: GPUBuffer;
  readonly kernel: GPUBuffer;
  readonly bias: GPUBuffer;
  readonly outputGradient: GPUBuffer;
  readonly inputGradient: GPUBuffer;
  readonly gradients: GPUBuffer;
  /** Step, epoch and the constants of each step. */
  readonly run: GPUBuffer;
}

/** Where the gradients of kernel and bias are in a product's result [split, rows, columns]. */
export interface GradientLayout {
  readonly split: number;
  readonly rows: number;
  readonly columns: number;
  /** WGSL expressions of `i`: the place of kernel element i in one part. */
  readonly kernelAt: string;
  /** WGSL expressions of `i`: the places in one part whose sum is bias element i. */
  readonly biasAt: readonly string[];
}

const isTransposed = ({ layer }: PlannedLayer) => layer.kind === "conv2dTranspose";
const f32 = (value: number) => (Number.isInteger(value) ? `${value}.0` : String(value));

/** The forward product; `random` is the WGSL of the generator, for dropout. */
export function forward(layer: DeviceLayer, random: string): Product {
  const { planned, batch, isRelu, dropout, number } = layer;
  const isMasked = dropout > 0 && isRelu;
  const mask = (image: string) => /* wgsl */ `
    if (uniformOf(bitsOf(${image} * ${planned.output[2]}u + col, ${STREAMS.dropout + number}u).x) < ${f32(dropout)}) { v = 0.0; }
    v *= ${f32(1 / (1 - dropout))};`;
  const store = (at: string, image: string) => /* wgsl */ `
    var v = value + bias[col];
    ${isRelu ? "v = max(v, 0.0);" : ""}
    ${isMasked ? mask(image) : ""}
    y[${at}] = v;`;
  const pass = isTransposed(planned) ? scatterProduct : gatherProduct;
  const product = pass(windowOf(planned), batch, "x[at]", store);
  return {
    ...product,
    label: `${planned.name} forward`,
    bindings: [
      reads("x", layer.input),
      reads("kernel", layer.kernel),
      reads("bias", layer.bias),
      writes("y", layer.output),
      ...(isMasked ? [reads("run", layer.run, "u32")] : []),
    ],
    prelude: (isMasked ? random : "") + product.prelude,
  };
}

/**
 * The gradient by the layer's input.
 * @param split  number of partial sums, stored one after another
 */
export function backward(layer: DeviceLayer, split = 1): Product {
  const { planned, batch } = layer;
  const pass = isTransposed(planned) ? gatherProduct : scatterProduct;
  const part = batch * planned.input.reduce((product, side) => product * side, 1);
  return {
    ...pass(windowOf(planned), batch, incoming(layer), (at) => `dx[chunk * ${part}u + ${at}] = value;`),
    label: `${planned.name} backward`,
    bindings: [...gradientBindings(layer), reads("kernel", layer.kernel), writes("dx", layer.inputGradient)],
    split,
  };
}

/** Where `weightGradients` puts them. */
export function gradientLayout(planned: PlannedLayer, batch: number): GradientLayout {
  const { k, s, top, left, C, c, h, w } = windowOf(planned);
  const [patch, depth] = [k * k * C, batch * h * w];
  if (isTransposed(planned)) {
    // An extra column of ones under the patches sums them; s x s taps of a window meet every pixel exactly once.
    const taps = Array.from({ length: s * s }, (_, i) => (top + Math.floor(i / s)) * k + left + (i % s));
    return {
      split: splitOf(patch, c + 1, depth),
      ...{ rows: patch, columns: c + 1 },
      kernelAt: `(i / ${c}u) * ${c + 1}u + i % ${c}u`,
      biasAt: taps.map((tap) => `(${tap * C}u + i) * ${c + 1}u + ${c}u`),
    };
  }
  // A last row of ones over the inputs sums the gradients.
  return {
    split: splitOf(patch + 1, c, depth),
    ...{ rows: patch + 1, columns: c },
    kernelAt: "i",
    biasAt: [`${patch * c}u + i`],
  };
}

/** The gradients by kernel and bias, as partial sums. */
export function weightGradients(layer: DeviceLayer): Product {
  const { planned, batch } = layer;
  const { split, rows, columns } = gradientLayout(planned, batch);
  const window = windowOf(planned);
  const { c, h, w } = window;
  const operands = isTransposed(planned)
    ? {
        prelude: gatherPatch(window, incoming(layer)),
        loadA: "return seen(d, row);",
        loadB: `if (col == ${c}u) { return 1.0; } return x[d * ${c}u + col];`,
      }
    : {
        prelude: gatherPatch(window, "x[at]"),
        loadA: `if (row == ${rows - 1}u) { return 1.0; } return seen(d, row);`,
        loadB: `let at = d * ${c}u + col; return ${incoming(layer)};`,
      };
  return {
    ...operands,
    label: `${planned.name} gradients`,
    ...{ rows, columns, depth: batch * h * w, split, rowsAdjacent: true },
    bindings: [...gradientBindings(layer), reads("x", layer.input), writes("gradients", layer.gradients)],
    store: `gradients[(chunk * ${rows}u + row) * ${columns}u + col] = value;`,
  };
}

/** WGSL that stores `value` at an element of the result, given the image of the batch that it belongs to. */
type Store = (at: string, image: string) => string;
type Pass = Omit<Product, "label" | "bindings">;

/** From the large image to the small one, by the patch under each pixel. */
function gatherProduct(window: Window, batch: number, load: string, store: Store): Pass {
  const { h, w, c, k, C } = window;
  return {
    ...{ rows: batch * h * w, columns: c, depth: k * k * C },
    prelude: gatherPatch(window, load),
    loadA: "return seen(row, d);",
    loadB: `return kernel[d * ${c}u + col];`,
    store: store(`row * ${c}u + col`, `(row / ${h * w}u)`),
  };
}

/** From the small image to the large one, by phases. */
function scatterProduct(window: Window, batch: number, load: string, store: Store): Pass {
  const { H, W, C } = window;
  const { rowsPerImage, depth, phases, prelude, weight } = scatterPhases(window, load);
  return {
    ...{ rows: batch * rowsPerImage, columns: C, depth, phases },
    prelude,
    loadA: "return sent(row, d);",
    loadB: weight,
    depthsAdjacentInB: true,
    store: `let p = pixel(row); if (p.y >= ${H}u || p.z >= ${W}u) { return; }
      ${store(`((p.x * ${H}u + p.y) * ${W}u + p.z) * ${C}u + col`, "p.x")}`,
  };
}

/** WGSL of the gradient through ReLU and dropout, at element `at`. */
function incoming({ isRelu, dropout }: DeviceLayer): string {
  return isRelu ? `select(0.0, dy[at] * ${f32(1 / (1 - dropout))}, y[at] > 0.0)` : "dy[at]";
}

function gradientBindings({ isRelu, outputGradient, output }: DeviceLayer): Binding[] {
  return [reads("dy", outputGradient), ...(isRelu ? [reads("y", output)] : [])];
}
