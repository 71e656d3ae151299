// GET /manifold: what a model with two latent dimensions has learned, at a glance.

import * as v from "valibot";
import { toJson } from "../../shared/image/json.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import { gridSheet } from "../../shared/image/sheet.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import { planeLatents } from "../../shared/latent/walk.ts";
import type { LoadedModel } from "../models/model-store.ts";
import type { CardRule } from "./card-rules.ts";
import { checkColours, checkPixels, encodeSheet, RENDERERS, toNumbers } from "./drawing.ts";
import { drawing, model } from "./parameters.ts";
import { pictureRoute } from "./picture.ts";
import { InvalidParameterError } from "./problems.ts";
import type { Body } from "./reply.ts";
import { parameter, wholeNumber } from "./values.ts";

const PLANE_DIM = 2;

const ManifoldQuery = v.strictObject({
  cells: parameter(v.optional(wholeNumber(2, 16), "12"), "Digits per side of the plane.", [8, 2]),
  ...drawing,
  format: parameter(
    v.optional(v.picklist(["png", "json"], "expected png or json"), "png"),
    "A picture of pixels, or the grey levels with their latents.",
    ["json"],
  ),
  model: parameter(
    model,
    "Which model, of two latent dimensions; a name follows its newest stable version, name@version is pinned.",
    ["mlp"],
  ),
});

export const manifold = pictureRoute({
  path: "/manifold",
  query: ManifoldQuery,
  plan: (query, given) => {
    checkColours(query.format, given);
    checkPixels(query.cells ** 2, query);
    return {
      query,
      canonical: query,
      rule: planeRule,
      draw: (model, name, picture) => drawManifold({ ...query, picture }, model, name),
    };
  },
});

const planeRule: CardRule = ({ spec }, model) => {
  const [dim, codes] = [latentDim(spec), spec.latent.kind === "codes"];
  if (dim === PLANE_DIM && !codes) return [];
  const latent = codes ? "a grid of codes" : `${dim} latent dimensions`;
  throw new InvalidParameterError(
    "model",
    `parameter "model": ${model} has ${latent}, expected ${PLANE_DIM} latent dimensions; choose another model from /models`,
  );
};

/** The reply's body for checked parameters and a model with two latent dimensions. */
function drawManifold(
  query: v.InferOutput<typeof ManifoldQuery> & { readonly picture: PictureFormat },
  { decoder }: LoadedModel,
  model: string,
): Body {
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
