// The Worker: the app over the bucket that wrangler.toml binds, warmed up when an isolate starts.

import { env, waitUntil } from "cloudflare:workers";
import type { RateLimit } from "./api/client-limit.ts";
import { createApp } from "./app.ts";
import { createModelStore } from "./models/model-store.ts";
import { serve } from "./serve.ts";
import { warmUp } from "./warm-up.ts";

await warmUp();

const { MODELS, CLIENT_LIMIT, PURGE_TOKEN } = env as {
  MODELS: R2Bucket;
  CLIENT_LIMIT?: RateLimit;
  PURGE_TOKEN?: string;
};

const app = createApp(createModelStore(MODELS, Date.now, waitUntil));
// The router makes its tables at the first match.
app.router.match("GET", "/");

export default {
  fetch: serve(app, {
    limiter: CLIENT_LIMIT,
    purgeToken: PURGE_TOKEN,
    now: Date.now,
    log: console.log,
  }),
};
