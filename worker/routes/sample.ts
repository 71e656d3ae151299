// GET /sample: one digit. Parse, resolve, then load, sample, decode, encode.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { toJson } from "../../shared/image/json.ts";
import { encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { encodeSvg } from "../../shared/image/svg.ts";
import { CONTENT_TYPES } from "../content-types.ts";
import { checkColours, checkDetails, styleOf, toOrigin } from "../drawing.ts";
import { type LoadedModel, type ModelStore, pinnedName } from "../model-store.ts";
import { SampleQuery } from "../params.ts";
import { canonicalParameters, parseQuery } from "../query.ts";
import { replyPicture } from "../reply.ts";

export const sample = (store: ModelStore) =>
  new Hono().get("/sample", async (c) => {
    const query = parseQuery(SampleQuery, c.req.url);
    checkColours(query.format, query);
    checkDetails(query.format, query.details);
    const seed = query.seed ?? crypto.randomUUID();
    const seeded = { ...query, seed };
    const model = await store.resolve(query.model, seed);
    return replyPicture({
      request: c.req.raw,
      path: "/sample",
      model,
      parameters: canonicalParameters(SampleQuery, seeded),
      randomSeed: query.seed === undefined ? seed : undefined,
      contentType: CONTENT_TYPES[query.format],
      body: async () => drawSample(seeded, await store.load(model), pinnedName(model)),
    });
  });

/** The reply's body for checked parameters. */
export function drawSample(
  query: InferOutput<typeof SampleQuery> & { readonly seed: string },
  { decoder, sampler }: LoadedModel,
  model: string,
): Uint8Array | string {
  const draw = sampler.draw(query.seed, query);
  const image = decoder.image(draw.latent);
  switch (query.format) {
    case "png":
      return encodePng(scaleImage(image, query.size), styleOf(query));
    case "svg":
      return encodeSvg(image, query.size, styleOf(query));
    case "json":
      return JSON.stringify({
        ...(query.details && { model, ...toOrigin(draw) }),
        ...toJson(scaleImage(image, query.size)),
      });
  }
}
