// The decoder's kernels, compiled with the Worker.

import module from "../../build/decode-kernels.wasm";

export const kernels = module;
