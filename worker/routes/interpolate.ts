// GET /interpolate: a walk through latent space between two seeds, as a strip or an animation.

import { Hono } from "hono";
import { tileImages } from "../../shared/image/layout.ts";
import { encodeApng, encodePng } from "../../shared/image/png.ts";
import { interpolateLatents, sampleLatent } from "../../shared/latent.ts";
import { InterpolateQuery, parseQuery } from "../params.ts";
import { replyPicture } from "../reply.ts";
import { store } from "../store.ts";

const FRAMES_PER_SECOND = 12;

export const interpolate = new Hono().get("/interpolate", async (c) => {
  const { from, to, steps, format, model: reference } = parseQuery(InterpolateQuery, c.req.url);
  const model = await store.resolve(reference);
  return replyPicture({
    request: c.req.raw,
    path: "/interpolate",
    model,
    parameters: { from, to, steps, format },
    contentType: format === "apng" ? "image/apng" : "image/png",
    body: async () => {
      const { card, decoder } = await store.load(model);
      const [start, end] = [from, to].map((seed) => sampleLatent(seed, card.spec.latentDim));
      const frames = interpolateLatents(start!, end!, steps).map(decoder.image);
      return format === "apng"
        ? encodeApng(frames, FRAMES_PER_SECOND)
        : encodePng(tileImages(frames, frames.length));
    },
  });
});
