// Stock tfjs on its wasm backend. A Worker may not compile WebAssembly from bytes, so the module is imported, and passed
// on where tfjs would instantiate the bytes that it fetched.

import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import wasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
import { env, setBackend } from "@tensorflow/tfjs-core";
import { stockWorker } from "./stock.ts";

async function startBackend(): Promise<void> {
  env().set("WASM_HAS_SIMD_SUPPORT", true);
  env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths("https://wasm.invalid/", true);
  const { fetch } = env().platform;
  const { instantiate } = WebAssembly;
  env().platform.fetch = async () => new Response(new Uint8Array(0));
  WebAssembly.instantiate = (async (_bytes: unknown, imports: WebAssembly.Imports) => {
    return { instance: await instantiate(wasm, imports), module: wasm };
  }) as unknown as typeof WebAssembly.instantiate;
  try {
    if (!(await setBackend("wasm"))) throw new Error("tfjs could not start its wasm backend");
  } finally {
    env().platform.fetch = fetch;
    WebAssembly.instantiate = instantiate;
  }
}

export default stockWorker(startBackend);
