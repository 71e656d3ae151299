// Our own kernels (kernels/, AssemblyScript) as a second WebAssembly module on the memory of tfjs's wasm backend: they
// read and write tensors in place, by address. Addresses stay valid when that memory grows; views do not, so none are kept.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { BackendError } from "../errors.ts";

const MODULE_URL = new URL("../../build/train-kernels.wasm", import.meta.url);

type Address = number;

/** What build/train-kernels.wasm exports; see the sources in kernels/ for what each does and takes. */
type TrainModule = Readonly<
  Record<
    | "gemm"
    | "copyRows"
    | "addPatches"
    | "frameImages"
    | "placeWindows"
    | "packColumns"
    | "packFlipped"
    | "multiplyWindows"
    | "multiplyTransposedWindows"
    | "addBias"
    | "leakyRelu"
    | "sumRows"
    | "bceWithLogits"
    | "gate"
    | "gateGradient"
    | "silu"
    | "siluGradient"
    | "lerp"
    | "drawGaussians"
    | "drawGaussiansGradient"
    | "adamUpdate",
    (...numbers: number[]) => void
  >
> & { readonly gemmScratchBytes: () => number };

/** The module bound to a backend's memory. */
export type TrainKernels = {
  readonly module: TrainModule;
  /** Address of a tensor's elements. */
  address(tensor: tf.TensorInfo): Address;
  /** Another tensor with the same elements in the same place. */
  share(tensor: tf.TensorInfo): tf.TensorInfo;
  /** An uninitialised float32 tensor: every element must be written. */
  allocate(shape: readonly number[]): tf.TensorInfo;
  /** Working memory, kept and reused: its contents are valid until the next call with the same purpose. */
  scratch(purpose: "gemm" | "patches" | "frames" | "places" | "columns", bytes: number): Address;
};

/** What the emscripten module has beyond its published types. */
type Heap = { asm: { memory: WebAssembly.Memory }; _malloc(bytes: number): number; _free(at: number): void };

/**
 * Binds the module to the current backend, which must be tfjs's wasm backend.
 * @throws BackendError if build/train-kernels.wasm is missing or this Node does not accept it
 */
export async function loadTrainKernels(): Promise<TrainKernels> {
  const backend = tf.backend() as BackendWasm;
  const heap = backend.wasm as unknown as Heap;
  const instance = await instantiate(heap.asm.memory);
  const buffers = new Map<string, { at: Address; bytes: number }>();
  return {
    module: instance.exports as unknown as TrainModule,
    address: (tensor) => backend.dataIdMap.get(tensor.dataId).memoryOffset,
    share: ({ dataId, shape, dtype }) => {
      backend.incRef(dataId);
      return { dataId, shape, dtype };
    },
    allocate: (shape) => backend.makeOutput([...shape], "float32"),
    scratch(purpose, bytes) {
      const kept = buffers.get(purpose);
      if (kept !== undefined && kept.bytes >= bytes) return kept.at;
      if (kept !== undefined) heap._free(kept.at);
      const at = heap._malloc(bytes) >>> 0;
      if (at === 0)
        throw new BackendError(
          `the wasm backend has no ${bytes} bytes left for its ${purpose} scratch memory`,
        );
      buffers.set(purpose, { at, bytes });
      return at;
    },
  };
}

async function instantiate(memory: WebAssembly.Memory): Promise<WebAssembly.Instance> {
  const bytes = await readModule(MODULE_URL);
  try {
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory, abort } });
    return instance;
  } catch (cause) {
    throw new BackendError(
      `Node ${process.version} does not accept ${fileURLToPath(MODULE_URL)}: it needs relaxed SIMD, which Node 22 has`,
      { cause },
    );
  }
}

function readModule(url: URL): Promise<Buffer<ArrayBuffer>> {
  return readFile(url).catch((cause: unknown) => {
    throw new BackendError(`cannot read ${fileURLToPath(url)}; run "npm run build"`, { cause });
  });
}

function abort(): never {
  throw new BackendError('a training kernel stopped; build it again with "npm run build"');
}
