// The Worker: the app over the bucket that wrangler.toml binds, warmed up when an isolate starts.

import { env, waitUntil } from "cloudflare:workers";
import * as v from "valibot";
import { BudgetSetting } from "./api/budget.ts";
import type { RateLimit } from "./api/client-limit.ts";
import { createApp } from "./app.ts";
import { createModelStore } from "./models/model-store.ts";
import { warmUp } from "./warm-up.ts";

await warmUp();

const { MODELS, BUDGET, CLIENT_LIMIT, PURGE_TOKEN } = env as {
  MODELS: R2Bucket;
  BUDGET?: string | number;
  CLIENT_LIMIT?: RateLimit;
  PURGE_TOKEN?: string;
};

const app = createApp(createModelStore(MODELS, Date.now, waitUntil), {
  limiter: CLIENT_LIMIT,
  budget: BUDGET === undefined ? undefined : v.parse(BudgetSetting, BUDGET),
  purgeToken: PURGE_TOKEN,
  log: console.log,
});
// The router builds its tables at the first match.
app.router.match("GET", "/");

export default {
  fetch: (request: Request, bindings: unknown, context: ExecutionContext) =>
    app.fetch(request, bindings as object, context),
};
