// The TensorFlow.js backends that can train, best first, and the one place that selects one.

import * as tf from "@tensorflow/tfjs";
import { BackendError } from "../errors.ts";
import { hasTensorflow, hasTensorflowGpu, loadTensorflowBackend } from "./tensorflow.ts";
import { loadWasmBackend } from "./wasm.ts";
import { closeGpu, hasHardwareGpu, loadWebgpuBackend } from "./webgpu/device.ts";

/** In the order in which "auto" prefers them. */
const BACKENDS = [
  { name: "webgpu", available: hasHardwareGpu, load: loadWebgpuBackend },
  {
    name: "tensorflow-gpu",
    available: async () => hasTensorflowGpu(),
    load: () => loadTensorflowBackend("tensorflow-gpu"),
  },
  {
    name: "tensorflow",
    available: async () => hasTensorflow(),
    load: () => loadTensorflowBackend("tensorflow"),
  },
  { name: "wasm", available: async () => typeof WebAssembly === "object", load: loadWasmBackend },
  { name: "cpu", available: async () => true, load: loadCpuBackend },
] as const satisfies readonly {
  readonly name: string;
  /** Whether the backend's requirements are installed; if not, "auto" skips it. */
  available(): Promise<boolean>;
  /** Makes it tfjs's current backend, or throws a BackendError with the reason. */
  load(): Promise<void>;
}[];

export type BackendName = (typeof BACKENDS)[number]["name"];

/** What `selectBackend` takes, for the schema of the command line. */
export const BACKEND_CHOICES = ["auto", ...BACKENDS.map(({ name }) => name)] as const;

/**
 * Makes a backend tfjs's current one and waits until it is ready.
 * @param choice  a name, or "auto": the first in the table that loads
 * @param among  those that "auto" may take; without, all
 * @param warn  called when "auto" skips a backend that is installed and fails to load
 * @returns the name of the one that runs
 * @throws BackendError if it does not load
 */
export async function selectBackend(
  choice: "auto" | BackendName,
  among?: readonly BackendName[],
  warn: (message: string) => void = console.warn,
): Promise<BackendName> {
  // Otherwise tfjs recommends tfjs-node on the console, and announces replaced kernels.
  tf.enableProdMode();
  const failures: string[] = [];
  for (const { name, available, load } of BACKENDS) {
    if (choice !== "auto" && choice !== name) continue;
    if (choice === "auto" && among && !among.includes(name)) continue;
    if (choice === "auto" && !(await available())) continue;
    try {
      await load();
    } catch (cause) {
      const message = `backend "${name}": ${cause instanceof Error ? cause.message : cause}`;
      if (choice !== "auto") throw new BackendError(message, { cause });
      failures.push(message);
      continue;
    }
    await tf.ready();
    for (const failure of failures) warn(`${failure}; training on "${name}" instead`);
    return name;
  }
  throw new BackendError(failures.join("\n") || `"${choice}" is none of ${BACKEND_CHOICES.join(", ")}`);
}

/** Releases what would keep the process alive, or crash it at exit. */
export function releaseBackend(): void {
  closeGpu();
}

async function loadCpuBackend(): Promise<void> {
  if (!(await tf.setBackend("cpu"))) throw new BackendError("TensorFlow.js could not start its cpu backend");
}
