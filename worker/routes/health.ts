// GET /health: 200 when digits can be served by the default model, a problem otherwise.

import { Hono } from "hono";
import { SCHEME } from "../../shared/latent.ts";
import type { ModelStore } from "../model-store.ts";
import { NoQuery, parseQuery } from "../params.ts";
import { replyJson } from "../reply.ts";

export const health = (store: ModelStore) =>
  new Hono().get("/health", async (c) => {
    parseQuery(NoQuery, c.req.url);
    const model = await store.resolve(undefined);
    await store.load(model);
    return replyJson({ status: "ok", model: `${model.name}@${model.version}`, scheme: SCHEME }, "no-store");
  });
