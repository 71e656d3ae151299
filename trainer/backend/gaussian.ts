// A draw from a Gaussian posterior and its KL divergence as one operation: by tfjs's own it is twelve forward and thirty back,
// each on so few numbers that bookkeeping is most of its time.

import * as tf from "@tensorflow/tfjs";
import type { TrainKernels } from "./kernel-module.ts";
import { type Inputs, overrideKernel } from "./override.ts";

const DRAW_GAUSSIANS = "DrawGaussians";
const DRAW_GAUSSIANS_GRADIENT = "DrawGaussiansGradient";

export function registerGaussian(kernels: TrainKernels): void {
  overrideKernel(kernels, DRAW_GAUSSIANS, forward);
  overrideKernel(kernels, DRAW_GAUSSIANS_GRADIENT, backward);
  tf.registerGradient({
    kernelName: DRAW_GAUSSIANS,
    inputsToSave: ["heads", "noise"],
    gradFunc: (dys, [heads, noise]) => {
      const [dz, dKl] = dys as tf.Tensor[];
      const inputs = { heads: heads!, noise: noise!, dz: dz!, dKl: dKl! };
      return { heads: () => tf.engine().runKernel(DRAW_GAUSSIANS_GRADIENT, inputs) as tf.Tensor };
    },
  });
}

/**
 * @param heads  [batch, 2 * dim], every row holds all means, then all log variances
 * @param noise  [batch, dim], draws from N(0, 1); a constant
 * @returns draws, [batch, dim], and the KL divergence from N(0, 1), nats, summed; undefined if the current backend has no
 *   kernel for it
 */
export function drawGaussians(
  heads: tf.Tensor2D,
  noise: tf.Tensor2D,
): { readonly z: tf.Tensor2D; readonly kl: tf.Scalar } | undefined {
  if (!tf.getKernel(DRAW_GAUSSIANS, tf.getBackend())) return undefined;
  const results = tf.engine().runKernel(DRAW_GAUSSIANS, { heads, noise });
  const [z, kl] = results as unknown as [tf.Tensor2D, tf.Scalar];
  return { z, kl };
}

function forward({ module, address, allocate }: TrainKernels, { heads, noise }: Inputs<"heads" | "noise">) {
  const [rows, dim] = noise.shape as [number, number];
  const [z, kl] = [allocate(noise.shape), allocate([])];
  module.drawGaussians(address(heads), address(noise), rows, dim, address(z), address(kl));
  return [z, kl];
}

function backward(
  { module, address, allocate }: TrainKernels,
  { heads, noise, dz, dKl }: Inputs<"heads" | "noise" | "dz" | "dKl">,
) {
  const [rows, dim] = noise.shape as [number, number];
  const dHeads = allocate(heads.shape);
  const from = [address(heads), address(noise), address(dz), address(dKl)];
  module.drawGaussiansGradient(...from, rows, dim, address(dHeads));
  return dHeads;
}
