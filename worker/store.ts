// The isolate's own model store, over the bucket that wrangler.toml binds.

import { env, waitUntil } from "cloudflare:workers";
import { createModelStore } from "./model-store.ts";

export const store = createModelStore((env as { MODELS: R2Bucket }).MODELS, Date.now, waitUntil);
