// GET /health: 200 if the default model can draw, a problem otherwise; "degraded" while the bucket has a fault that the last
// good state hides from callers.

import type { ModelStore } from "../models/model-store.ts";
import { pinnedName } from "../models/reference.ts";
import { NoQuery } from "./parameters.ts";
import { parseQuery } from "./query.ts";
import { NO_STORE, replyJson } from "./reply.ts";
import type { App } from "./route.ts";

export const health = (app: App, store: ModelStore) =>
  app.get("/health", async (c) => {
    parseQuery(NoQuery, c.req.url);
    const model = await store.resolve(undefined);
    const { card } = await store.load(model);
    const { catalogCheckedAt, problems, loaded } = store.health();
    const report = {
      status: problems.length > 0 ? "degraded" : "ok",
      model: pinnedName(model),
      scheme: card.scheme,
      catalogCheckedAt: new Date(catalogCheckedAt!).toISOString(),
      problems,
      loaded,
    };
    return replyJson(report, NO_STORE);
  });
