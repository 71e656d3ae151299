// GET /decode: the digit of an explicit latent.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { toJson } from "../../shared/image/json.ts";
import { encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { encodeSvg } from "../../shared/image/svg.ts";
import { CONTENT_TYPES } from "../content-types.ts";
import { checkColours, styleOf } from "../drawing.ts";
import { type LoadedModel, type ModelStore, pinnedName } from "../model-store.ts";
import { DecodeQuery } from "../params.ts";
import { InvalidParameterError } from "../problems.ts";
import { canonicalParameters, parseQuery } from "../query.ts";
import { replyPicture } from "../reply.ts";

export const decode = (store: ModelStore) =>
  new Hono().get("/decode", async (c) => {
    const query = parseQuery(DecodeQuery, c.req.url);
    checkColours(query.format, query);
    const model = await store.resolve(query.model);
    return replyPicture({
      request: c.req.raw,
      path: "/decode",
      model,
      parameters: canonicalParameters(DecodeQuery, query),
      contentType: CONTENT_TYPES[query.format],
      body: async () => drawLatentOf(query, await store.load(model), pinnedName(model)),
    });
  });

/**
 * The reply's body for checked parameters.
 * @throws InvalidParameterError when the model has another number of latent dimensions
 */
export function drawLatentOf(
  query: InferOutput<typeof DecodeQuery>,
  { card, decoder }: LoadedModel,
  model: string,
): Uint8Array | string {
  const { latentDim } = card.spec;
  if (query.z.length !== latentDim) {
    throw new InvalidParameterError(
      "z",
      `parameter "z": a latent of ${model} has ${latentDim} numbers, found ${query.z.length}`,
    );
  }
  const image = decoder.image(Float32Array.from(query.z));
  switch (query.format) {
    case "png":
      return encodePng(scaleImage(image, query.size), styleOf(query));
    case "svg":
      return encodeSvg(image, query.size, styleOf(query));
    case "json":
      return JSON.stringify({ model, latent: query.z, ...toJson(scaleImage(image, query.size)) });
  }
}
