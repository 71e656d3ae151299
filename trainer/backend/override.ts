// Replaces a kernel of tfjs through its public extension point.

import * as tf from "@tensorflow/tfjs";
import { BackendError } from "../errors.ts";
import type { TrainKernels } from "./kernel-module.ts";

export type Inputs<Names extends string> = Readonly<Record<Names, tf.TensorInfo>>;

/**
 * Registers `kernel` for the wasm backend. If it returns undefined (a case that it does not cover), the kernel that
 * was registered before runs.
 */
export function overrideKernel<Tensors, Attributes>(
  kernels: TrainKernels,
  kernelName: string,
  kernel: (
    kernels: TrainKernels,
    inputs: Tensors,
    attributes: Attributes,
  ) => tf.TensorInfo | tf.TensorInfo[] | undefined,
): void {
  const stock = tf.getKernel(kernelName, "wasm");
  if (stock) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc(args) {
      const result =
        kernel(kernels, args.inputs as Tensors, args.attrs as Attributes) ?? stock?.kernelFunc(args);
      if (result === undefined) {
        throw new BackendError(
          `${kernelName} on the wasm backend does not cover ${JSON.stringify(args.attrs)}`,
        );
      }
      return result;
    },
  });
}
