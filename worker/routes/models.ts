// GET /models: what can be asked for, by name and by version, with addresses to try.

import { Hono } from "hono";
import type { ModelStore } from "../model-store.ts";
import { NoQuery, parseQuery } from "../params.ts";
import { MOVING, replyJson } from "../reply.ts";

export const models = (store: ModelStore) =>
  new Hono().get("/models", async (c) => {
    parseQuery(NoQuery, c.req.url);
    const catalog = await store.catalog();
    const list = Object.entries(catalog.models).map(([name, { stable, history }]) => ({
      name,
      isDefault: name === catalog.default,
      stable,
      sample: `/sample?seed=42&model=${name}`,
      versions: history.map(({ version, publishedAt }) => ({
        version,
        publishedAt,
        sample: `/sample?seed=42&model=${encodeURIComponent(`${name}@${version}`)}`,
      })),
    }));
    return replyJson({ models: list }, MOVING, c.req.raw, "catalog");
  });
