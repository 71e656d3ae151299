// Puts a kernel in the place of tfjs's own through its public extension point.

import * as tf from "@tensorflow/tfjs";
import { BackendError } from "../errors.ts";

export type KernelArguments = Parameters<tf.KernelFunc>[0];

/**
 * Registers `kernel` for the wasm backend. Where it answers undefined (a case that it does not cover), the kernel that
 * was registered before takes over.
 */
export function overrideKernel(
  kernelName: string,
  kernel: (args: KernelArguments) => tf.TensorInfo | tf.TensorInfo[] | undefined,
): void {
  const stock = tf.getKernel(kernelName, "wasm");
  if (stock) tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc(args) {
      const result = kernel(args) ?? stock?.kernelFunc(args);
      if (result === undefined) {
        throw new BackendError(
          `${kernelName} on the wasm backend does not cover ${JSON.stringify(args.attrs)}`,
        );
      }
      return result;
    },
  });
}
