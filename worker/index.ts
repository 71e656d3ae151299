// The Worker: the app over the bucket that wrangler.toml binds and over the release that it carries, which is loaded and
// warmed up when an isolate starts.

import { env, waitUntil } from "cloudflare:workers";
import * as v from "valibot";
import release from "../build/release.bin";
import { unpackObjects } from "../shared/release/packed-objects.ts";
import { BudgetSetting } from "./api/budget.ts";
import type { RateLimit } from "./api/client-limit.ts";
import { createApp } from "./app.ts";
import { createModelStore } from "./models/model-store.ts";
import { warmUp } from "./warm-up.ts";

const embedded = unpackObjects(release);
const { ASSETS, MODELS, BUDGET, CLIENT_LIMIT, HEAVY_LIMIT, PURGE_TOKEN } = env as {
  ASSETS?: Fetcher;
  MODELS?: R2Bucket;
  BUDGET?: string | number;
  CLIENT_LIMIT?: RateLimit;
  HEAVY_LIMIT?: RateLimit;
  PURGE_TOKEN?: string;
};

let hasStarted = false;
// What starts with the isolate ends with its start.
const keepAlive = (work: Promise<unknown>) => {
  if (hasStarted) waitUntil(work);
};
const store = createModelStore(MODELS, Date.now, keepAlive, { embedded });
const app = createApp(store, {
  limiter: CLIENT_LIMIT,
  heavyLimiter: HEAVY_LIMIT,
  budget: BUDGET === undefined ? undefined : v.parse(BudgetSetting, BUDGET),
  readPage: ASSETS && ((request) => ASSETS.fetch(request)),
  purgeToken: PURGE_TOKEN,
  log: (line) => {
    if (hasStarted) console.log(line);
  },
});
await warmUp(store, app);
hasStarted = true;
// The first line compiles what all lines need.
console.log(JSON.stringify({ message: "start" }));

export default {
  fetch: (request: Request, bindings: unknown, context: ExecutionContext) =>
    app.fetch(request, bindings as object, context),
};
