// GET /sample: one digit. Parse, resolve, then load, sample, decode, encode.

import { Hono } from "hono";
import type { GreyImage } from "../../shared/decoder/decoder.ts";
import { toJson } from "../../shared/image/json.ts";
import { encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { encodeSvg } from "../../shared/image/svg.ts";
import { sampleLatent } from "../../shared/latent.ts";
import { CONTENT_TYPES, checkColours, type Drawing, styleOf } from "../drawing.ts";
import { canonicalParameters, parseQuery, SampleQuery } from "../params.ts";
import { replyPicture } from "../reply.ts";
import { store } from "../store.ts";

export const sample = new Hono().get("/sample", async (c) => {
  const query = parseQuery(SampleQuery, c.req.url);
  checkColours(query.format, query);
  const model = await store.resolve(query.model);
  const seed = query.seed ?? crypto.randomUUID();
  return replyPicture({
    request: c.req.raw,
    path: "/sample",
    model,
    parameters: canonicalParameters(SampleQuery, { ...query, seed }),
    randomSeed: query.seed === undefined ? seed : undefined,
    contentType: CONTENT_TYPES[query.format],
    body: async () => {
      const { card, decoder } = await store.load(model);
      return encode(decoder.image(sampleLatent(seed, card.spec.latentDim)), query.format, query);
    },
  });
});

function encode(image: GreyImage, format: "png" | "svg" | "json", drawing: Drawing): Uint8Array | string {
  switch (format) {
    case "png":
      return encodePng(scaleImage(image, drawing.size), styleOf(drawing));
    case "svg":
      return encodeSvg(image, drawing.size, styleOf(drawing));
    case "json":
      return JSON.stringify(toJson(scaleImage(image, drawing.size)));
  }
}
