// The Worker of test/soak/: the app itself, over the real local bucket, with a faster clock, so that the catalog is
// refreshed every second, and with a bucket that fails on request.

import { env, waitUntil } from "cloudflare:workers";
import { createApp } from "../../../worker/app.ts";
import type { ReadableBucket } from "../../../worker/models/bucket-reader.ts";
import { createModelStore } from "../../../worker/models/model-store.ts";

const SPEED = 30;
const SLOW_MS = 200;
/** Room for a few of the soak's many versions, so that they evict each other. */
const CACHE_BYTES = 1 << 20;
const { MODELS } = env as { MODELS: R2Bucket };
let fault = "none";

const bucket: ReadableBucket = {
  get: (async (key: string, options?: R2GetOptions) => {
    if (fault === "fails") throw new Error("internal error (10001)");
    if (fault === "hangs") return new Promise(() => {});
    if (fault === "slow") await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    return MODELS.get(key, options);
  }) as R2Bucket["get"],
};

const store = createModelStore(bucket, () => SPEED * Date.now(), waitUntil, {
  timing: { timeoutMs: 500, pausesMs: [20, 80] },
  maxBytes: CACHE_BYTES,
});
const app = createApp(store);

export default {
  async fetch(request: Request): Promise<Response> {
    const requested = request.headers.get("X-Fault");
    if (!requested) return app.fetch(request);
    fault = requested;
    return new Response(null, { status: 204 });
  },
};
