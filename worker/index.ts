// The Worker: the app over the bucket that wrangler.toml binds, warmed up when an isolate starts.

import { env, waitUntil } from "cloudflare:workers";
import { createApp } from "./app.ts";
import { createModelStore } from "./model-store.ts";
import { warmUp } from "./warm-up.ts";

await warmUp();

export default createApp(createModelStore((env as { MODELS: R2Bucket }).MODELS, Date.now, waitUntil));
