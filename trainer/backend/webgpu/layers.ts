// A planned layer as products: forward with bias, ReLU and dropout, the gradient by its input, and the gradients by its
// kernel and bias in one. A ReLU's and a dropout's gradient need no pass: what came out positive was kept.

import type { PlannedLayer } from "../../../shared/model/plan.ts";
import { activationOf, size } from "../../../shared/model/spec.ts";
import { type Product, splitOf } from "./product.ts";
import type { Binding } from "./program.ts";
import { STREAMS } from "./random.ts";
import { gatherPatch, scatterPhases, windowOf } from "./window.ts";

/** A layer with weights, for a batch of a given size. */
export interface DeviceLayer {
  readonly planned: PlannedLayer;
  readonly batch: number;
  readonly isRelu: boolean;
  /** Share of units or channels that dropout leaves out. */
  readonly dropout: number;
  /** Its number among the layers, which its masks are drawn by. */
  readonly number: number;
}

/** Where the gradients of kernel and bias lie in a product's result [split, rows, columns]. */
export interface GradientLayout {
  readonly split: number;
  readonly rows: number;
  readonly columns: number;
  /** WGSL expressions of `i`: the place of kernel element i in one part. */
  readonly kernelAt: string;
  /** WGSL expressions of `i`: the places in one part that sum up to bias element i. */
  readonly biasAt: readonly string[];
}

/** Buffers of a layer. */
export interface LayerBuffers {
  readonly input: GPUBuffer;
  readonly output: GPUBuffer;
  readonly kernel: GPUBuffer;
  readonly bias: GPUBuffer;
  readonly outputGradient: GPUBuffer;
  readonly inputGradient: GPUBuffer;
  readonly gradients: GPUBuffer;
  /** Step, epoch and what changes over the steps. */
  readonly run: GPUBuffer;
}

const read = (name: string, buffer: GPUBuffer): Binding => ({ name, buffer, access: "read" });
const write = (name: string, buffer: GPUBuffer): Binding => ({ name, buffer, access: "read_write" });

/** WGSL of the gradient that passed a ReLU and a dropout, at element `at`. */
function incoming({ isRelu, dropout }: DeviceLayer): string {
  return isRelu ? `select(0.0, dy[at] * ${f32(1 / (1 - dropout))}, y[at] > 0.0)` : "dy[at]";
}

const f32 = (value: number) => (Number.isInteger(value) ? `${value}.0` : String(value));

/** The forward product; `random` is the WGSL of the generator, for dropout. */
export function forward(layer: DeviceLayer, buffers: LayerBuffers, random: string): Product {
  const { planned, batch, isRelu, dropout, number } = layer;
  const [height, width, channels] = planned.output;
  const bindings = [read("x", buffers.input), read("kernel", buffers.kernel), read("bias", buffers.bias)];
  const masked = dropout > 0 && isRelu;
  const perImage = planned.layer.kind === "dense" ? 1 : height * width;
  const units = planned.layer.kind === "dense" ? size(planned.output) : channels;
  const finish = (at: string, image: string) => /* wgsl */ `
    var v = value + bias[col];
    ${isRelu ? "v = max(v, 0.0);" : ""}
    ${
      masked
        ? `if (uniformOf(bitsOf(${image} * ${units}u + col, ${STREAMS.dropout + number}u).x) < ${f32(dropout)}) { v = 0.0; }
           v *= ${f32(1 / (1 - dropout))};`
        : ""
    }
    y[${at}] = v;`;
  const common = {
    label: `${planned.name} forward`,
    bindings: [
      ...bindings,
      write("y", buffers.output),
      ...(masked ? [{ ...read("run", buffers.run), type: "u32" } as const] : []),
    ],
  };
  const generator = masked ? random : "";
  switch (planned.layer.kind) {
    case "dense": {
      const [depth, columns] = [size(planned.input), size(planned.output)];
      return {
        ...common,
        ...{ rows: batch, columns, depth, prelude: generator },
        loadA: `return x[row * ${depth}u + d];`,
        loadB: `return kernel[d * ${columns}u + col];`,
        store: finish(`row * ${columns}u + col`, "row"),
      };
    }
    case "conv2d": {
      const window = windowOf(layer.planned);
      return {
        ...common,
        ...{ rows: batch * perImage, columns: channels, depth: window.k * window.k * window.C },
        prelude: generator + gatherPatch(window, "x[at]"),
        loadA: "return seen(row, d);",
        loadB: `return kernel[d * ${channels}u + col];`,
        store: finish(`row * ${channels}u + col`, `(row / ${perImage}u)`),
      };
    }
    default: {
      const window = windowOf(layer.planned);
      const scatter = scatterPhases(window, "x[at]");
      return {
        ...common,
        ...{
          rows: batch * scatter.rowsPerImage,
          columns: channels,
          depth: scatter.depth,
          phases: scatter.phases,
        },
        prelude: `${generator} const C_c = ${window.C * window.c}u; ${scatter.prelude}`,
        loadA: "return sent(row, d);",
        loadB: scatter.weight(`col * ${window.c}u`),
        depthsAdjacentInB: true,
        store: `let p = pixel(row); if (p.y >= ${height}u || p.z >= ${width}u) { return; }
          ${finish(`((p.x * ${height}u + p.y) * ${width}u + p.z) * ${channels}u + col`, "p.x")}`,
      };
    }
  }
}

/** The gradient by the layer's input. */
export function backward(layer: DeviceLayer, buffers: LayerBuffers): Product {
  const { planned, batch } = layer;
  const common = {
    label: `${planned.name} backward`,
    bindings: [
      ...gradientBindings(layer, buffers),
      read("kernel", buffers.kernel),
      write("dx", buffers.inputGradient),
    ],
  };
  switch (planned.layer.kind) {
    case "dense": {
      const [columns, depth] = [size(planned.input), size(planned.output)];
      return {
        ...common,
        ...{ rows: batch, columns, depth },
        loadA: `let at = row * ${depth}u + d; return ${incoming(layer)};`,
        loadB: `return kernel[col * ${depth}u + d];`,
        depthsAdjacentInB: true,
        store: `dx[row * ${columns}u + col] = value;`,
      };
    }
    case "conv2d": {
      const window = windowOf(layer.planned);
      const { H, W, C, c } = window;
      const scatter = scatterPhases(window, incoming(layer));
      return {
        ...common,
        ...{ rows: batch * scatter.rowsPerImage, columns: C, depth: scatter.depth, phases: scatter.phases },
        prelude: `const C_c = ${C * c}u; ${scatter.prelude}`,
        loadA: "return sent(row, d);",
        loadB: scatter.weight(`col * ${c}u`),
        depthsAdjacentInB: true,
        store: `let p = pixel(row); if (p.y >= ${H}u || p.z >= ${W}u) { return; }
          dx[((p.x * ${H}u + p.y) * ${W}u + p.z) * ${C}u + col] = value;`,
      };
    }
    default: {
      const window = windowOf(layer.planned);
      const { h, w, c, k, C } = window;
      return {
        ...common,
        ...{
          rows: batch * h * w,
          columns: c,
          depth: k * k * C,
          prelude: gatherPatch(window, incoming(layer)),
        },
        loadA: "return seen(row, d);",
        loadB: `return kernel[d * ${c}u + col];`,
        store: `dx[row * ${c}u + col] = value;`,
      };
    }
  }
}

/** Where `weightGradients` puts them. */
export function gradientLayout(layer: DeviceLayer): GradientLayout {
  const { planned, batch } = layer;
  if (planned.layer.kind === "conv2dTranspose") {
    const { k, s, top, left, C, c, h, w } = windowOf(layer.planned);
    // An extra column of ones under the patches sums them; s x s taps of a window meet every pixel exactly once.
    const taps = Array.from({ length: s * s }, (_, i) => (top + Math.floor(i / s)) * k + left + (i % s));
    const [rows, columns] = [k * k * C, c + 1];
    return {
      split: splitOf(rows, columns, batch * h * w),
      ...{ rows, columns },
      kernelAt: `(i / ${c}u) * ${columns}u + i % ${c}u`,
      biasAt: taps.map((tap) => `(${tap * C}u + i) * ${columns}u + ${c}u`),
    };
  }
  // A last row of ones over the inputs sums the gradients.
  const isDense = planned.layer.kind === "dense";
  const [inputs, columns] = isDense
    ? [size(planned.input), size(planned.output)]
    : [windowOf(layer.planned).k ** 2 * planned.input[2], planned.output[2]];
  const depth = isDense ? batch : batch * planned.output[0] * planned.output[1];
  return {
    split: splitOf(inputs + 1, columns, depth),
    ...{ rows: inputs + 1, columns },
    kernelAt: "i",
    biasAt: [`${inputs * columns}u + i`],
  };
}

/** The gradients by kernel and bias, as partial sums. */
export function weightGradients(layer: DeviceLayer, buffers: LayerBuffers): Product {
  const { planned, batch } = layer;
  const { split, rows, columns } = gradientLayout(layer);
  const common = {
    label: `${planned.name} gradients`,
    ...{ rows, columns, split },
    bindings: [
      ...gradientBindings(layer, buffers),
      read("x", buffers.input),
      write("gradients", buffers.gradients),
    ],
    store: `gradients[(chunk * ${rows}u + row) * ${columns}u + col] = value;`,
  };
  switch (planned.layer.kind) {
    case "dense":
      return {
        ...common,
        depth: batch,
        rowsAdjacent: true,
        loadA: `if (row == ${rows - 1}u) { return 1.0; } return x[d * ${rows - 1}u + row];`,
        loadB: `let at = d * ${columns}u + col; return ${incoming(layer)};`,
      };
    case "conv2d": {
      const window = windowOf(layer.planned);
      return {
        ...common,
        ...{ depth: batch * window.h * window.w, rowsAdjacent: true, prelude: gatherPatch(window, "x[at]") },
        loadA: `if (row == ${rows - 1}u) { return 1.0; } return seen(d, row);`,
        loadB: `let at = d * ${columns}u + col; return ${incoming(layer)};`,
      };
    }
    default: {
      const window = windowOf(layer.planned);
      const { c } = window;
      return {
        ...common,
        ...{
          depth: batch * window.h * window.w,
          rowsAdjacent: true,
          prelude: gatherPatch(window, incoming(layer)),
        },
        loadA: "return seen(d, row);",
        loadB: `if (col == ${c}u) { return 1.0; } return x[d * ${c}u + col];`,
      };
    }
  }
}

function gradientBindings({ isRelu }: DeviceLayer, { outputGradient, output }: LayerBuffers): Binding[] {
  return [read("dy", outputGradient), ...(isRelu ? [read("y", output)] : [])];
}

export function isReluLayer({ layer }: PlannedLayer): boolean {
  return activationOf(layer) === "relu";
}
