// Dropout between the layers of a stack (Srivastava et al. 2014); of a convolution whole channels are left out, since
// neighbouring pixels carry the same news (Tompson et al. 2015). Masks come from named seeds, so a resumed run has the
// same ones; tfjs's own layer would draw one mask for all steps.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, uniform } from "../../shared/arithmetic/random.ts";

export interface Dropout {
  /** Share of units or channels left out, 0 to 1. */
  readonly rate: number;
  /** Of this step's masks. */
  readonly seed: string;
}

/** Runs a stack layer by layer, with dropout behind every ReLU where it is asked for. */
export function runStack(stack: tf.Sequential, input: tf.Tensor, dropout?: Dropout): tf.Tensor {
  if (!dropout || dropout.rate === 0) return stack.apply(input, { training: true }) as tf.Tensor;
  const layers = stack.layers.filter((layer) => layer.getClassName() !== "InputLayer");
  return layers.reduce((activations, layer) => {
    const output = layer.apply(activations) as tf.Tensor;
    const isHidden = layer.getConfig().activation === "relu";
    return isHidden ? leaveOut(output, { ...dropout, seed: `${dropout.seed}/${layer.name}` }) : output;
  }, input);
}

/** Makes zeros of what is left out; the rest is scaled up, so that sums keep their mean. */
export function leaveOut<T extends tf.Tensor>(output: T, { rate, seed }: Dropout): T {
  const { shape } = output;
  const next = createGenerator(seed);
  const maskShape = shape.length === 4 ? [shape[0]!, 1, 1, shape[3]!] : shape;
  const values = Float32Array.from({ length: tf.util.sizeFromShape(maskShape) }, () =>
    uniform(next) < rate ? 0 : 1 / (1 - rate),
  );
  return tf.mul(output, tf.tensor(values, maskShape));
}
