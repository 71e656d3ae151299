// GET /manifold: what a model with two latent dimensions has learned, at a glance.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { toJson } from "../../shared/image/json.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { gridSheet } from "../../shared/image/sheet.ts";
import { planeLatents } from "../../shared/latent.ts";
import { CONTENT_TYPES } from "../content-types.ts";
import { checkColours, checkPixels, encodeSheet, toNumbers } from "../drawing.ts";
import { type LoadedModel, type ModelStore, pinnedName } from "../model-store.ts";
import { ManifoldQuery } from "../params.ts";
import { InvalidParameterError } from "../problems.ts";
import { canonicalParameters, parseQuery } from "../query.ts";
import { replyPicture } from "../reply.ts";

const PLANE_DIM = 2;

export const manifold = (store: ModelStore) =>
  new Hono().get("/manifold", async (c) => {
    const query = parseQuery(ManifoldQuery, c.req.url);
    checkColours(query.format, query);
    checkPixels(query.cells ** 2, query);
    const model = await store.resolve(query.model);
    return replyPicture({
      request: c.req.raw,
      path: "/manifold",
      model,
      parameters: canonicalParameters(ManifoldQuery, query),
      contentType: CONTENT_TYPES[query.format],
      body: async () => {
        const loaded = await store.load(model);
        const { latentDim } = loaded.card.spec;
        if (latentDim !== PLANE_DIM) {
          const planes = (await namesOfPlanes(store)).join(", ") || "none";
          throw new InvalidParameterError(
            "model",
            `parameter "model": ${pinnedName(model)} has ${loaded.codes ? "a grid of codes" : `${latentDim} latent dimensions`} and a plane has ${PLANE_DIM}; models with ${PLANE_DIM}: ${planes}`,
          );
        }
        return drawManifold(query, loaded, pinnedName(model));
      },
    });
  });

/** Models whose stable version has two latent dimensions; one that cannot be read is nothing to advise. */
async function namesOfPlanes(store: ModelStore): Promise<string[]> {
  const names = Object.keys((await store.catalog()).models);
  const dims = await Promise.allSettled(
    names.map(async (name) => (await store.load(await store.resolve({ name }))).card.spec.latentDim),
  );
  return names.filter((_, i) => {
    const dim = dims[i]!;
    return dim.status === "fulfilled" && dim.value === PLANE_DIM;
  });
}

/** The reply's body for checked parameters and a model with two latent dimensions. */
export function drawManifold(
  query: InferOutput<typeof ManifoldQuery>,
  { decoder }: LoadedModel,
  model: string,
): Uint8Array | string {
  const latents = planeLatents(query.cells);
  const images = decoder.images(latents);
  if (query.format !== "json") return encodeSheet(gridSheet(images, query.cells), query.format, query);
  const cells = images.map((image, i) => ({
    latent: toNumbers(latents[i]!),
    ...toJson(scaleImage(image, query.size)),
  }));
  return JSON.stringify({ model, rows: query.cells, cols: query.cells, cells });
}
