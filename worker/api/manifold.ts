// GET /manifold: what a model with two latent dimensions has learned, at a glance.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { toJson } from "../../shared/image/json.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import { gridSheet } from "../../shared/image/sheet.ts";
import { planeLatents } from "../../shared/latent/gaussian.ts";
import type { LoadedModel, ModelStore } from "../models/model-store.ts";
import type { CardRule } from "./card-rules.ts";
import { checkColours, checkPixels, encodeSheet, RENDERERS, toNumbers } from "./drawing.ts";
import { ManifoldQuery } from "./params.ts";
import { replyPicture } from "./picture.ts";
import { InvalidParameterError } from "./problems.ts";
import { parseQuery } from "./query.ts";

const PLANE_DIM = 2;

export const manifold = (store: ModelStore) =>
  new Hono().get("/manifold", (c) => {
    const { query, given } = parseQuery(ManifoldQuery, c.req.url);
    checkColours(query.format, given);
    checkPixels(query.cells ** 2, query);
    return replyPicture(store, {
      request: c.req.raw,
      path: "/manifold",
      schema: ManifoldQuery,
      query,
      canonical: query,
      rule: planeRule,
      draw: (model, name, picture) => drawManifold({ ...query, picture }, model, name),
    });
  });

const planeRule: CardRule = ({ spec: { latentDim, codes } }, model) => {
  if (latentDim === PLANE_DIM && !codes) return [];
  const latent = codes ? "a grid of codes" : `${latentDim} latent dimensions`;
  throw new InvalidParameterError(
    "model",
    `parameter "model": ${model} has ${latent}, and a plane has ${PLANE_DIM}; name another model of /models`,
  );
};

/** The reply's body for checked parameters and a model with two latent dimensions. */
export function drawManifold(
  query: InferOutput<typeof ManifoldQuery> & { readonly picture: PictureFormat },
  { decoder }: LoadedModel,
  model: string,
): Uint8Array | string {
  const latents = planeLatents(query.cells);
  const images = decoder.images(latents);
  if (query.format !== "json") return encodeSheet(gridSheet(images, query.cells), query.format, query);
  const { scale } = RENDERERS[query.picture];
  const cells = images.map((image, i) => ({
    latent: toNumbers(latents[i]!),
    ...toJson(scale(image, query.size)),
  }));
  return JSON.stringify({ model, rows: query.cells, cols: query.cells, cells });
}
