// Loads the kernels of the shared decoder in Node, from the built file.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BackendError } from "../errors.ts";

const MODULE_URL = new URL("../../build/decode-kernels.wasm", import.meta.url);

let module: WebAssembly.Module | undefined;

/**
 * The compiled module, for createDecoder and createEncoder.
 * @throws BackendError where build/decode-kernels.wasm is missing
 */
export function loadDecodeKernels(): WebAssembly.Module {
  module ??= new WebAssembly.Module(readModule());
  return module;
}

function readModule(): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(MODULE_URL));
  } catch (cause) {
    throw new BackendError(`cannot read ${fileURLToPath(MODULE_URL)}; run "npm run build"`, { cause });
  }
}
