// tfjs's wasm backend, with our own kernels for operations that it lacks or that are slow.

import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { BackendError } from "../errors.ts";
import { registerConv2d } from "./conv2d.ts";
import { registerGaussian } from "./gaussian.ts";
import { registerJoins } from "./joins.ts";
import { loadTrainKernels } from "./kernel-module.ts";
import { registerLayers } from "./layers.ts";
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
  if (!(await withoutListeners(() => tf.setBackend("wasm")))) {
    throw new BackendError(`TensorFlow.js could not start its wasm backend from ${dirname(entry)}`);
  }
  if (registered) return;
  const kernels = await loadTrainKernels();
  registerMatMul(kernels);
  registerConv2d(kernels);
  registerPointwise(kernels);
  registerGaussian(kernels);
  registerJoins(kernels);
  registerLayers(kernels);
  registered = true;
}

/**
 * Removes the listeners with which Emscripten's loader rethrows whatever was not caught: they end a process before anyone
 * else can report it.
 */
async function withoutListeners<T>(load: () => Promise<T>): Promise<T> {
  const events: EventEmitter = process;
  const listeners = () =>
    ["uncaughtException", "unhandledRejection"].flatMap((event) =>
      events.listeners(event).map((listener) => ({ event, listener: listener as () => void })),
    );
  const before = new Set(listeners().map(({ listener }) => listener));
  const result = await load();
  for (const { event, listener } of listeners()) if (!before.has(listener)) events.off(event, listener);
  return result;
}
