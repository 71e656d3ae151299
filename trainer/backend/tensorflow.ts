// TensorFlow's own C library through @tensorflow/tfjs-node-gpu. The package is not installed with the project, and its
// prebuilt addon is for a library of 2022: `npm run gpu:build` compiles the addon against the TensorFlow of a Python environment.

import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs";
import { BackendError } from "../errors.ts";

/** One package for both backends: which of them it is depends on whether TensorFlow finds a GPU. */
export const TENSORFLOW_PACKAGE = "@tensorflow/tfjs-node-gpu";
export type TensorflowBackend = "tensorflow-gpu" | "tensorflow";

const BUILD = "npm run gpu:build -- --python PYTHON";
/** What TensorFlow reads once, when it loads. */
const ENVIRONMENT = {
  // Memory as needed, instead of all that the card has.
  TF_FORCE_GPU_ALLOW_GROWTH: "true",
  // Warnings and errors, without the start-up's information.
  TF_CPP_MIN_LOG_LEVEL: "1",
};

const require = createRequire(import.meta.url);
type NodeBackend = tf.KernelBackend & {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
};
let loaded: NodeBackend | undefined;

export function hasTensorflow(): boolean {
  try {
    require.resolve(TENSORFLOW_PACKAGE);
    return true;
  } catch {
    return false;
  }
}

/** Of the library that is loaded, such as 2.18.1. */
export function tensorflowVersion(): string {
  return load().binding.TF_Version;
}

/** Whether TensorFlow is installed, loads, and finds a GPU. */
export function hasTensorflowGpu(): boolean {
  try {
    return load().isUsingGpuDevice;
  } catch {
    // The backend "tensorflow", which is next, reports why.
    return false;
  }
}

/**
 * Makes tfjs-node's "tensorflow" the current backend.
 * @throws BackendError that says what is missing: the package, its addon, TensorFlow's library, or a GPU
 */
export async function loadTensorflowBackend(backend: TensorflowBackend): Promise<void> {
  // "tensorflow" by name is the CPU, also where there is a GPU.
  if (backend === "tensorflow") process.env.CUDA_VISIBLE_DEVICES ??= "-1";
  const { isUsingGpuDevice } = load();
  const version = tensorflowVersion();
  if (isUsingGpuDevice !== (backend === "tensorflow-gpu")) {
    throw new BackendError(
      isUsingGpuDevice
        ? `TensorFlow ${version} uses a GPU; set CUDA_VISIBLE_DEVICES=-1, or choose --backend tensorflow-gpu`
        : `TensorFlow ${version} loads but finds no GPU; its messages say why (TF_CPP_MIN_LOG_LEVEL=0 shows all). ` +
            "It needs an NVIDIA driver (see nvidia-smi) and CUDA's libraries, which pip install 'tensorflow[and-cuda]' " +
            `brings; then "${BUILD}" again`,
    );
  }
  if (!(await tf.setBackend("tensorflow")))
    throw new BackendError(`${TENSORFLOW_PACKAGE} registered no backend`);
}

function load(): NodeBackend {
  if (loaded) return loaded;
  if (!hasTensorflow()) {
    throw new BackendError(`${TENSORFLOW_PACKAGE} is not installed; "${BUILD}" installs and compiles it`);
  }
  for (const [name, value] of Object.entries(ENVIRONMENT)) process.env[name] ??= value;
  // tfjs-node 4.22.0 calls two functions that Node 22 warns about and Node 23 removed.
  const util = require("node:util");
  util.isNullOrUndefined = (value: unknown) => value === undefined || value === null;
  util.isArray = Array.isArray;
  try {
    require(TENSORFLOW_PACKAGE);
  } catch (cause) {
    throw new BackendError(explain((cause as Error).message), { cause });
  }
  loaded = tf.findBackend("tensorflow") as NodeBackend;
  return loaded;
}

/** What a failed load most likely means. */
function explain(message: string): string {
  if (/native addon module/.test(message)) return `its addon is not compiled; "${BUILD}" compiles it`;
  if (/libtensorflow/.test(message)) {
    return `${message}: the Python environment that it was compiled against is gone or changed; "${BUILD}" compiles it again`;
  }
  return message;
}
