// Stock tfjs on its cpu backend.

import "@tensorflow/tfjs-backend-cpu";
import { setBackend } from "@tensorflow/tfjs-core";
import { stockWorker } from "./stock.ts";

export default stockWorker(() => setBackend("cpu"));
