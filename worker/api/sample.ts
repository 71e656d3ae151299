// GET /sample: one digit. Parse and check, then reply: sample, decode, encode.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { toJson } from "../../shared/image/json.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import type { LoadedModel, ModelStore } from "../models/model-store.ts";
import { samplingRule } from "./card-rules.ts";
import { checkColours, checkDetails, RENDERERS, styleOf, toOrigin } from "./drawing.ts";
import { SampleQuery } from "./params.ts";
import { replyPicture } from "./picture.ts";
import { parseQuery } from "./query.ts";

export const sample = (store: ModelStore) =>
  new Hono().get("/sample", (c) => {
    const { query, given } = parseQuery(SampleQuery, c.req.url);
    checkColours(query.format, given);
    checkDetails(query.format, given);
    const seed = query.seed ?? crypto.randomUUID();
    const digits = query.digit === undefined ? [] : [query.digit];
    return replyPicture(store, {
      request: c.req.raw,
      path: "/sample",
      schema: SampleQuery,
      query,
      canonical: { ...query, seed },
      seed,
      isRandom: query.seed === undefined,
      rule: samplingRule(query.sampler, digits),
      digits,
      draw: (model, name, picture) => drawSample({ ...query, seed, picture }, model, name),
    });
  });

/** The reply's body for checked parameters. */
export function drawSample(
  query: InferOutput<typeof SampleQuery> & { readonly seed: string; readonly picture: PictureFormat },
  { decoder, sampler }: LoadedModel,
  model: string,
): Uint8Array | string {
  const { scale, png, svg } = RENDERERS[query.picture];
  const draw = sampler.draw(query.seed, query);
  const image = decoder.image(draw.latent);
  switch (query.format) {
    case "png":
      return png(scale(image, query.size), styleOf(query));
    case "svg":
      return svg(image, query.size, styleOf(query));
    case "json":
      return JSON.stringify({
        ...(query.details && { model, ...toOrigin(draw) }),
        ...toJson(scale(image, query.size)),
      });
  }
}
