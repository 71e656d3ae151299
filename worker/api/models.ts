// GET /models: the models and their versions, with addresses to try; GET /models/:name: one of them.

import * as v from "valibot";
import { type Catalog, entryOf } from "../../shared/release/catalog.ts";
import { CARD_FILE, NETWORK_FILES, PREVIEW_FILE } from "../../shared/release/release.ts";
import type { ModelStore } from "../models/model-store.ts";
import { modelName, NoQuery } from "./parameters.ts";
import { parsePath, parseQuery } from "./query.ts";
import { MOVING, replyJson } from "./reply.ts";
import type { App } from "./route.ts";

export const ModelPath = v.strictObject({ name: modelName });

/** Cache tag of every reply that depends on the catalog. */
const TAG = "catalog";

export const models = (app: App, store: ModelStore) =>
  app
    .get("/models", async (c) => {
      parseQuery(NoQuery, c.req.url);
      const catalog = await store.catalog();
      const list = Object.keys(catalog.models).map((name) => describeModel(catalog, name));
      return replyJson({ default: catalog.default, models: list }, MOVING, c.req.raw, TAG);
    })
    .get("/models/:name", async (c) => {
      const { name } = parsePath(ModelPath, c.req.param(), c.req.url);
      parseQuery(NoQuery, c.req.url);
      return replyJson(describeModel(await store.catalog(name), name), MOVING, c.req.raw, `${TAG},${name}`);
    });

/** @throws UnknownModelError */
function describeModel(catalog: Catalog, name: string) {
  const { stable, canary, history } = entryOf(catalog, name);
  return {
    name,
    isDefault: name === catalog.default,
    stable,
    canary,
    sample: `/sample?seed=42&model=${name}`,
    versions: history
      .filter(({ withdrawn }) => !withdrawn)
      .map(({ version, publishedAt }) => ({
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
