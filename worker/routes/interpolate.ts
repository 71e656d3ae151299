// GET /interpolate: a walk through latent space between two seeds, as a strip, an animation or grey levels.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { toJson } from "../../shared/image/json.ts";
import { tileImages } from "../../shared/image/layout.ts";
import { encodeApng, encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { CONTENT_TYPES, checkColours, checkPixels, styleOf } from "../drawing.ts";
import type { LoadedModel, ModelStore } from "../model-store.ts";
import { canonicalParameters, InterpolateQuery, parseQuery } from "../params.ts";
import { replyPicture } from "../reply.ts";

const FRAMES_PER_SECOND = 12;

export const interpolate = (store: ModelStore) =>
  new Hono().get("/interpolate", async (c) => {
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
      body: async () => drawWalk(query, await store.load(model)),
    });
  });

/** The reply's body for checked parameters. */
export function drawWalk(
  query: InferOutput<typeof InterpolateQuery>,
  { decoder, sampler: source }: LoadedModel,
): Uint8Array | string {
  const { from, to, fromDigit, toDigit, sampler, temperature } = query;
  const latentOf = (seed: string, digit: number | undefined) =>
    source.draw(seed, { digit, sampler, temperature });
  const digits = decoder.images(source.walk(latentOf(from, fromDigit), latentOf(to, toDigit), query.steps));
  const frames = digits.map((digit) => scaleImage(digit, query.size));
  switch (query.format) {
    case "png":
      return encodePng(tileImages(frames, frames.length), styleOf(query));
    case "apng":
      return encodeApng(frames, FRAMES_PER_SECOND, styleOf(query));
    case "json":
      return JSON.stringify({ frames: frames.map(toJson) });
  }
}
