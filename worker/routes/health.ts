// GET /health: 200 when digits can be served by the default model, a problem otherwise.

import { Hono } from "hono";
import { SCHEME } from "../../shared/latent.ts";
import { type ModelStore, pinnedName } from "../model-store.ts";
import { NoQuery } from "../params.ts";
import { parseQuery } from "../query.ts";
import { NO_STORE, replyJson } from "../reply.ts";

export const health = (store: ModelStore) =>
  new Hono().get("/health", async (c) => {
    parseQuery(NoQuery, c.req.url);
    const model = await store.resolve(undefined);
    await store.load(model);
    return replyJson({ status: "ok", model: pinnedName(model), scheme: SCHEME }, NO_STORE);
  });
