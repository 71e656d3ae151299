// Dropout between the layers of a stack (Srivastava et al. 2014); convolutions drop whole channels, since neighbouring
// pixels are redundant (Tompson et al. 2015). Masks come from named seeds, so a resumed run uses the same ones; tfjs's own
// layer, seeded, would draw the same mask in every step.

import * as tf from "@tensorflow/tfjs";
import { createGenerator, uniform } from "../../shared/arithmetic/random.ts";
import { applyLayer } from "../backend/layers.ts";

export interface Dropout {
  /** Dropout rate, 0 to 1. */
  readonly rate: number;
  /** Seed of this step's masks. */
  readonly seed: string;
}

/** Runs a stack layer by layer, with dropout after every ReLU if configured. */
export function runStack(stack: tf.Sequential, input: tf.Tensor, dropout?: Dropout): tf.Tensor {
  const layers = stack.layers.filter((layer) => layer.getClassName() !== "InputLayer");
  return layers.reduce((activations, layer) => {
    const output = applyLayer(layer, activations);
    if (!dropout || dropout.rate === 0) return output;
    const isHidden = layer.getConfig().activation === "relu";
    return isHidden ? applyDropout(output, { ...dropout, seed: `${dropout.seed}/${layer.name}` }) : output;
  }, input);
}

/** Sets dropped units to zero and scales up the rest, so that sums keep their expectation. */
export function applyDropout<T extends tf.Tensor>(output: T, { rate, seed }: Dropout): T {
  const { shape } = output;
  const next = createGenerator(seed);
  const maskShape = shape.length === 4 ? [shape[0]!, 1, 1, shape[3]!] : shape;
  const values = Float32Array.from({ length: tf.util.sizeFromShape(maskShape) }, () =>
    uniform(next) < rate ? 0 : 1 / (1 - rate),
  );
  return tf.mul(output, tf.tensor(values, maskShape));
}
