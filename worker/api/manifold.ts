// GET /manifold: the latent plane of a model with two dimensions, at a glance.

import * as v from "valibot";
import { toJson, writeJson } from "../../shared/image/json.ts";
import { gridSheet } from "../../shared/image/sheet.ts";
import { kindOf } from "../../shared/latent/kind.ts";
import { planeLatents } from "../../shared/latent/walk.ts";
import type { CardRule } from "./card-rules.ts";
import { checkPixels, encodeSheet, toNumbers } from "./drawing.ts";
import { drawing, model } from "./parameters.ts";
import { pictureRoute } from "./picture.ts";
import { invalid } from "./problems.ts";
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
  plan: (query) => {
    const { cells: side, format } = query;
    checkPixels(side ** 2, query);
    return {
      rule: planeRule,
      work: work(side),
      levers: [{ parameter: "cells", value: side, least: 2, work }],
      draw: ({ decoder, latent }, model, renderer) => {
        const latents = planeLatents(side, latent.spread);
        const images = decoder.images(latents);
        if (format !== "json") return encodeSheet(gridSheet(images, side), format, renderer);
        const cells = images.map((image, i) => ({
          latent: toNumbers(latents[i]!),
          ...toJson(renderer.scale(image)),
        }));
        return writeJson({ model, rows: side, cols: side, cells });
      },
    };
  },
});

/** @param side  cells */
const work = (side: number) => ({ draws: 0, digits: side ** 2 });

const planeRule: CardRule = ({ spec }, model) => {
  const { count, values } = kindOf(spec).size(spec);
  if (count === PLANE_DIM && values === undefined) return [];
  const latent = values === undefined ? `${count} latent dimensions` : "a grid of codes";
  throw invalid(
    "model",
    `${model} has ${latent}, expected ${PLANE_DIM} latent dimensions; choose another model from /models`,
  );
};
