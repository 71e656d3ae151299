// The Worker: the app over the bucket that wrangler.toml binds, warmed up when an isolate starts.

import { env, waitUntil } from "cloudflare:workers";
import type { RateLimit } from "./api/client-limit.ts";
import { createApp } from "./app.ts";
import { createModelStore } from "./models/model-store.ts";
import { warmUp } from "./warm-up.ts";

await warmUp();

const { MODELS, CLIENT_LIMIT, PURGE_TOKEN } = env as {
  MODELS: R2Bucket;
  CLIENT_LIMIT?: RateLimit;
  PURGE_TOKEN?: string;
};

const app = createApp(createModelStore(MODELS, Date.now, waitUntil), {
  limiter: CLIENT_LIMIT,
  purgeToken: PURGE_TOKEN,
  log: console.log,
});
// The router builds its tables at the first match.
app.router.match("GET", "/");

export default {
  fetch: (request: Request, bindings: unknown, context: ExecutionContext) =>
    app.fetch(request, bindings as object, context),
};
