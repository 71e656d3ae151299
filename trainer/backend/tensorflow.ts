// TensorFlow's own C library through @tensorflow/tfjs-node-gpu (CUDA) or @tensorflow/tfjs-node. Neither is installed with
// the project: both download libtensorflow when they are installed.

import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs";
import { BackendError } from "../errors.ts";

export const TENSORFLOW_PACKAGES = {
  "tensorflow-gpu": "@tensorflow/tfjs-node-gpu",
  tensorflow: "@tensorflow/tfjs-node",
} as const;
export type TensorflowBackend = keyof typeof TENSORFLOW_PACKAGES;

/** tfjs-node 4.22.0 calls util.isNullOrUndefined, which Node 23 removed. */
const LAST_NODE = 22;
/** For libtensorflow 2.9.1, which 4.22.0 downloads: https://www.tensorflow.org/install/source#gpu */
const CUDA = "CUDA 11.2 and cuDNN 8.1";

export function hasTensorflow(backend: TensorflowBackend): boolean {
  try {
    createRequire(import.meta.url).resolve(TENSORFLOW_PACKAGES[backend]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes tfjs-node's "tensorflow" the current backend.
 * @throws BackendError that names what is missing: the package, a suitable Node, libtensorflow, or CUDA
 */
export async function loadTensorflowBackend(backend: TensorflowBackend): Promise<void> {
  const name = TENSORFLOW_PACKAGES[backend];
  const install =
    backend === "tensorflow" ? "npm install --no-save @tensorflow/tfjs-node@4.22.0" : "npm run gpu:install";
  if (!hasTensorflow(backend)) throw new BackendError(`${name} is not installed; "${install}" installs it`);
  if (Number(process.versions.node.split(".")[0]) > LAST_NODE) {
    throw new BackendError(`${name} 4.22.0 needs Node ${LAST_NODE} or older, found ${process.version}`);
  }
  try {
    createRequire(import.meta.url)(name);
  } catch (cause) {
    throw new BackendError(`${name} does not load: ${explain(backend, install, cause as Error)}`, { cause });
  }
  if (!(await tf.setBackend("tensorflow"))) throw new BackendError(`${name} registered no backend`);
  const { isUsingGpuDevice } = tf.backend() as tf.KernelBackend & { isUsingGpuDevice?: boolean };
  if (backend === "tensorflow-gpu" && !isUsingGpuDevice) {
    tf.removeBackend("tensorflow");
    throw new BackendError(
      `${name} loads but finds no GPU: its libtensorflow 2.9.1 needs an NVIDIA driver, ${CUDA} on the library path ` +
        "(LD_LIBRARY_PATH). Cards newer than CUDA 11.2, Ada and Hopper among them, need --backend webgpu",
    );
  }
}

/** What a failed load most likely means. */
function explain(backend: TensorflowBackend, install: string, { message }: Error): string {
  if (/tfjs_binding\.node|native addon/.test(message)) {
    return `its native addon was not built or downloaded; "${install}" with access to storage.googleapis.com builds it`;
  }
  if (/libtensorflow/.test(message)) return `${message}; "${install}" downloads libtensorflow`;
  if (/libcu|cudart|cudnn/.test(message)) return `${message}; it needs ${CUDA}`;
  return backend === "tensorflow-gpu" ? `${message} (it needs ${CUDA})` : message;
}
