// The Worker: the app over the bucket that wrangler.toml binds, warmed up when an isolate starts.

import { env, waitUntil } from "cloudflare:workers";
import { createApp } from "./app.ts";
import type { RateLimit } from "./client-limit.ts";
import { createModelStore } from "./model-store.ts";
import { serve } from "./serve.ts";
import { warmUp } from "./warm-up.ts";

await warmUp();

const { MODELS, CLIENT_LIMIT, PURGE_TOKEN } = env as {
  MODELS: R2Bucket;
  CLIENT_LIMIT?: RateLimit;
  PURGE_TOKEN?: string;
};

export default {
  fetch: serve(createApp(createModelStore(MODELS, Date.now, waitUntil)), {
    limiter: CLIENT_LIMIT,
    purgeToken: PURGE_TOKEN,
    now: Date.now,
    log: console.log,
  }),
};
