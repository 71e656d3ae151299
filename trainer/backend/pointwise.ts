// The fused kernels behind ops.ts and adam.ts, registered under our own names, and the sum that is the gradient of a bias.

import * as tf from "@tensorflow/tfjs";
import type { TrainKernels } from "./kernel-module.ts";
import { type Inputs, overrideKernel } from "./override.ts";

export const BCE_WITH_LOGITS = "BceWithLogits";
export const ADAM_UPDATE = "AdamUpdate";
export const LEAKY_RELU = "LeakyReluBySign";
export const SILU = "Silu";
export const SILU_GRADIENT = "SiluGradient";
export const LERP = "Lerp";
export const GATE = "Gate";
export const GATE_GRADIENT = "GateGradient";

export function registerPointwise(kernels: TrainKernels): void {
  overrideKernel(kernels, BCE_WITH_LOGITS, bceWithLogits);
  overrideKernel(kernels, ADAM_UPDATE, adamUpdate);
  overrideKernel(kernels, LEAKY_RELU, leakyRelu);
  overrideKernel(kernels, SILU, silu);
  overrideKernel(kernels, SILU_GRADIENT, siluGradient);
  overrideKernel(kernels, LERP, lerp);
  overrideKernel(kernels, GATE, gate);
  overrideKernel(kernels, GATE_GRADIENT, gateGradient);
  overrideKernel(kernels, tf.Sum, sumLeadingAxes);
  overrideKernel(kernels, tf.Identity, identity);
  const { gradFunc, ...relu } = tf.getGradient(tf.Relu)!;
  tf.unregisterGradient(tf.Relu);
  tf.registerGradient({
    ...relu,
    // tfjs's own takes three passes.
    gradFunc: (dy, saved, attrs) =>
      tf.getBackend() === "wasm"
        ? { x: () => reluGradient(saved[0]!, dy as tf.Tensor) }
        : gradFunc(dy, saved, attrs),
  });
}

/** @returns the summed loss, a scalar, and its gradient by the logits, in their shape */
function bceWithLogits(
  { module, address, allocate }: TrainKernels,
  { logits, target }: Inputs<"logits" | "target">,
) {
  const loss = allocate([]);
  const gradient = allocate(logits.shape);
  const size = tf.util.sizeFromShape(logits.shape);
  module.bceWithLogits(address(logits), address(target), size, address(gradient), address(loss));
  return [loss, gradient];
}

/** Updates both moments in place. @returns the variable after the step */
function adamUpdate(
  { module, address, allocate }: TrainKernels,
  { variable, gradient, m, v }: Inputs<"variable" | "gradient" | "m" | "v">,
  attributes: Record<"learningRate" | "beta1" | "beta2" | "epsilon" | "step", number>,
) {
  const { learningRate, beta1, beta2, epsilon, step } = attributes;
  const next = allocate(variable.shape);
  module.adamUpdate(
    ...[address(variable), address(gradient), address(m), address(v), address(next)],
    tf.util.sizeFromShape(variable.shape),
    ...[learningRate, beta1, beta2, epsilon, 1 - beta1 ** step, 1 - beta2 ** step],
  );
  return next;
}

function reluGradient(x: tf.Tensor, upstream: tf.Tensor): tf.Tensor {
  return tf.engine().runKernel(LEAKY_RELU, { x, upstream }, { slope: 0 }) as tf.Tensor;
}

/** @returns LeakyReLU of x where upstream is x, else its gradient by x */
function leakyRelu(
  { module, address, allocate }: TrainKernels,
  { x, upstream }: Inputs<"x" | "upstream">,
  { slope }: { readonly slope: number },
) {
  const out = allocate(x.shape);
  module.leakyRelu(address(x), address(upstream), tf.util.sizeFromShape(x.shape), slope, address(out));
  return out;
}

function silu({ module, address, allocate }: TrainKernels, { x }: Inputs<"x">) {
  const out = allocate(x.shape);
  module.silu(address(x), tf.util.sizeFromShape(x.shape), address(out));
  return out;
}

function siluGradient({ module, address, allocate }: TrainKernels, { x, dy }: Inputs<"x" | "dy">) {
  const out = allocate(x.shape);
  module.siluGradient(address(x), address(dy), tf.util.sizeFromShape(x.shape), address(out));
  return out;
}

function lerp(
  { module, address, allocate }: TrainKernels,
  { a, b }: Inputs<"a" | "b">,
  { share }: { readonly share: number },
) {
  const out = allocate(a.shape);
  module.lerp(address(a), address(b), tf.util.sizeFromShape(a.shape), share, address(out));
  return out;
}

function gate({ module, address, allocate }: TrainKernels, { x }: Inputs<"x">) {
  const [count, width] = x.shape as [number, number];
  const out = allocate([count, width / 2]);
  module.gate(address(x), count, width / 2, address(out));
  return out;
}

function gateGradient({ module, address, allocate }: TrainKernels, { x, dy }: Inputs<"x" | "dy">) {
  const [count, width] = x.shape as [number, number];
  const dx = allocate(x.shape);
  module.gateGradient(address(x), address(dy), count, width / 2, address(dx));
  return dx;
}

/** Without a copy, unlike tfjs's own: no kernel writes into its inputs, but for the moments of Adam. */
function identity({ share }: TrainKernels, { x }: Inputs<"x">): tf.TensorInfo {
  return share(x);
}

/** The sum over all axes but the last few, as needed for the gradient of a bias. */
function sumLeadingAxes(
  { module, address, allocate }: TrainKernels,
  { x }: Inputs<"x">,
  { axis, keepDims }: tf.SumAttrs,
): tf.TensorInfo | undefined {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const kept = x.shape.slice(axes.length);
  const leading = kept.length > 0 && axes.length > 0 && axes.every((number, i) => number === i);
  const size = tf.util.sizeFromShape(x.shape);
  if (!leading || size === 0 || x.dtype !== "float32") return undefined;
  const columns = tf.util.sizeFromShape(kept);
  const out = allocate(keepDims ? [...axes.map(() => 1), ...kept] : kept);
  module.sumRows(address(x), size / columns, columns, address(out));
  return out;
}
