// GET /models: what can be asked for, by name and by version, with addresses to try; GET /models/:name: one of them.

import { Hono } from "hono";
import { CARD_FILE, type Catalog, NETWORK_FILES, PREVIEW_FILE } from "../../shared/release.ts";
import type { ModelStore } from "../model-store.ts";
import { ModelPath, NoQuery } from "../params.ts";
import { parsePath, parseQuery } from "../query.ts";
import { MOVING, replyJson } from "../reply.ts";

/** By which everything that the catalog says is purged. */
const TAG = "catalog";

export const models = (store: ModelStore) =>
  new Hono()
    .get("/models", async (c) => {
      parseQuery(NoQuery, c.req.url);
      const catalog = await store.catalog();
      const list = Object.keys(catalog.models).map((name) => describeModel(catalog, name));
      return replyJson({ default: catalog.default, models: list }, MOVING, c.req.raw, TAG);
    })
    .get("/models/:name", async (c) => {
      const path = parsePath(ModelPath, c.req.param());
      parseQuery(NoQuery, c.req.url);
      const { name } = await store.resolve(path);
      return replyJson(describeModel(await store.catalog(), name), MOVING, c.req.raw, `${TAG},${name}`);
    });

/** @param name  of the catalog's */
function describeModel(catalog: Catalog, name: string) {
  const { stable, history } = catalog.models[name]!;
  return {
    name,
    isDefault: name === catalog.default,
    stable,
    sample: `/sample?seed=42&model=${name}`,
    versions: history.map(({ version, publishedAt }) => ({
      version,
      publishedAt,
      sample: `/sample?seed=42&model=${encodeURIComponent(`${name}@${version}`)}`,
      card: fileAddress(name, version, CARD_FILE),
      preview: fileAddress(name, version, PREVIEW_FILE),
      /** For tf.loadLayersModel. */
      decoder: fileAddress(name, version, NETWORK_FILES.decoder.model),
      encoder: fileAddress(name, version, NETWORK_FILES.encoder.model),
    })),
  };
}

function fileAddress(name: string, version: string, file: string): string {
  return `/models/${name}/${version}/${file}`;
}
