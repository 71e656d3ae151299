// tfjs's wasm backend, with our own kernels for operations that it lacks or that are slow.

import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { BackendError } from "../errors.ts";
import { registerConv2d } from "./conv2d.ts";
import { loadTrainKernels } from "./kernel-module.ts";
import { registerMatMul } from "./matmul.ts";
import { registerPointwise } from "./pointwise.ts";

let registered = false;

/**
 * Makes "wasm" the current backend and registers the kernels, once per process.
 * @throws BackendError if the backend does not start or build/train-kernels.wasm is missing
 */
export async function loadWasmBackend(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  if (!registered) setWasmPaths(dirname(entry) + sep);
  if (!(await tf.setBackend("wasm"))) {
    throw new BackendError(`TensorFlow.js could not start its wasm backend from ${dirname(entry)}`);
  }
  if (registered) return;
  const kernels = await loadTrainKernels();
  registerMatMul(kernels);
  registerConv2d(kernels);
  registerPointwise(kernels);
  registered = true;
}
