// GET /sample: one digit. Parse, resolve, then load, sample, decode, encode.

import { Hono } from "hono";
import { encodePng } from "../../shared/image/png.ts";
import { sampleLatent } from "../../shared/latent.ts";
import { parseQuery, SampleQuery } from "../params.ts";
import { replyPicture } from "../reply.ts";
import { store } from "../store.ts";

export const sample = new Hono().get("/sample", async (c) => {
  const query = parseQuery(SampleQuery, c.req.url);
  const model = await store.resolve(query.model);
  const seed = query.seed ?? crypto.randomUUID();
  return replyPicture({
    request: c.req.raw,
    path: "/sample",
    model,
    parameters: { seed },
    isRandom: query.seed === undefined,
    contentType: "image/png",
    body: async () => {
      const { card, decoder } = await store.load(model);
      return encodePng(decoder.image(sampleLatent(seed, card.spec.latentDim)));
    },
  });
});
