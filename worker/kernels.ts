// The decoder's kernels, compiled with the Worker and warmed up when an isolate starts: that is no request's time.

import module from "../build/decode-kernels.wasm";
import { warmUp } from "../shared/decoder/warm-up.ts";

warmUp(module);

export const kernels = module;
