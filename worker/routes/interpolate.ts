// GET /interpolate: a walk through latent space between two seeds, as a strip, an animation or grey levels.

import { Hono } from "hono";
import type { GreyImage } from "../../shared/decoder/decoder.ts";
import { toJson } from "../../shared/image/json.ts";
import { tileImages } from "../../shared/image/layout.ts";
import { encodeApng, encodePng } from "../../shared/image/png.ts";
import { interpolateLatents, sampleLatent } from "../../shared/latent.ts";
import { CONTENT_TYPES, checkColours, checkPixels, type Drawing, scaleAll, styleOf } from "../drawing.ts";
import { canonicalParameters, InterpolateQuery, parseQuery } from "../params.ts";
import { replyPicture } from "../reply.ts";
import { store } from "../store.ts";

const FRAMES_PER_SECOND = 12;

export const interpolate = new Hono().get("/interpolate", async (c) => {
  const query = parseQuery(InterpolateQuery, c.req.url);
  checkColours(query.format, query);
  checkPixels(query.steps, query);
  const model = await store.resolve(query.model);
  return replyPicture({
    request: c.req.raw,
    path: "/interpolate",
    model,
    parameters: canonicalParameters(InterpolateQuery, query),
    contentType: CONTENT_TYPES[query.format],
    body: async () => {
      const { card, decoder } = await store.load(model);
      const [from, to] = [query.from, query.to].map((seed) => sampleLatent(seed, card.spec.latentDim));
      const frames = decoder.images(interpolateLatents(from!, to!, query.steps));
      return encode(scaleAll(frames, query), query.format, query);
    },
  });
});

function encode(
  frames: readonly GreyImage[],
  format: "png" | "apng" | "json",
  drawing: Drawing,
): Uint8Array | string {
  switch (format) {
    case "png":
      return encodePng(tileImages(frames, frames.length), styleOf(drawing));
    case "apng":
      return encodeApng(frames, FRAMES_PER_SECOND, styleOf(drawing));
    case "json":
      return JSON.stringify({ frames: frames.map(toJson) });
  }
}
