// Which TensorFlow.js backend trains: a table, best first, and the one place that selects.

import * as tf from "@tensorflow/tfjs";
import { BackendError } from "../errors.ts";
import { hasTensorflow, loadTensorflowBackend } from "./tensorflow.ts";
import { loadWasmBackend } from "./wasm.ts";
import { closeGpu, hasHardwareGpu, loadWebgpuBackend } from "./webgpu/device.ts";

/** The order is that of preference for "auto". */
const BACKENDS = [
  { name: "webgpu", available: hasHardwareGpu, load: loadWebgpuBackend },
  {
    name: "tensorflow-gpu",
    available: async () => hasTensorflow("tensorflow-gpu"),
    load: () => loadTensorflowBackend("tensorflow-gpu"),
  },
  {
    name: "tensorflow",
    available: async () => hasTensorflow("tensorflow"),
    load: () => loadTensorflowBackend("tensorflow"),
  },
  { name: "wasm", available: async () => typeof WebAssembly === "object", load: loadWasmBackend },
  { name: "cpu", available: async () => true, load: loadCpuBackend },
] as const satisfies readonly {
  readonly name: string;
  /** Whether what the backend needs is installed; "auto" skips a backend that answers false. */
  available(): Promise<boolean>;
  /** Makes it tfjs's current backend, or throws a BackendError that says why not. */
  load(): Promise<void>;
}[];

export type BackendName = (typeof BACKENDS)[number]["name"];

/** What `selectBackend` takes, for the schema of the command line. */
export const BACKEND_CHOICES = ["auto", ...BACKENDS.map(({ name }) => name)] as const;

/**
 * Makes a backend tfjs's current one and waits until it is ready.
 * @param choice  a name, or "auto": the first in the table that loads
 * @param warn  called when "auto" skips a backend that is installed and fails to load
 * @returns the name of the one that runs
 * @throws BackendError where it does not load
 */
export async function selectBackend(
  choice: "auto" | BackendName,
  warn: (message: string) => void = console.warn,
): Promise<BackendName> {
  // Without it tfjs advises tfjs-node on the console, and overwritten kernels are announced.
  tf.enableProdMode();
  const failures: string[] = [];
  for (const { name, available, load } of BACKENDS) {
    if (choice !== "auto" && choice !== name) continue;
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

/** Releases what keeps the process alive, or would crash it at the end. */
export function releaseBackend(): void {
  closeGpu();
}

async function loadCpuBackend(): Promise<void> {
  if (!(await tf.setBackend("cpu"))) throw new BackendError("TensorFlow.js could not start its cpu backend");
}
