// POST /encode: a PNG in, its latent's distribution out, with what was made of the picture.

import { Hono } from "hono";
import { toJson } from "../../shared/image/json.ts";
import { classProbabilities } from "../../shared/mixture-density.ts";
import { CONTENT_TYPES } from "../content-types.ts";
import { toNumbers } from "../drawing.ts";
import { describeFit, encodeUpload } from "../encoding.ts";
import { type ModelStore, pinnedName } from "../model-store.ts";
import { EncodeQuery } from "../params.ts";
import { parseQuery } from "../query.ts";
import { replyToUpload } from "../reply.ts";
import { checkUpload } from "../upload.ts";

export const encode = (store: ModelStore) =>
  new Hono().post("/encode", async (c) => {
    const query = parseQuery(EncodeQuery, c.req.url);
    checkUpload(c.req.raw);
    const model = await store.resolve(query.model);
    const { fitted, mu, logVar, mixture } = await encodeUpload(c.req.raw, store, model);
    const encoding = {
      model: pinnedName(model),
      mu: toNumbers(mu),
      logVar: toNumbers(logVar),
      /** p(digit | mu) under the release's mixture, by digit; null where it has none. */
      digits: mixture ? classProbabilities(mixture, mu).map((share) => Number(share.toPrecision(6))) : null,
      fit: describeFit(fitted),
      fitted: toJson(fitted.image),
    };
    return replyToUpload(JSON.stringify(encoding), CONTENT_TYPES.json, model);
  });
