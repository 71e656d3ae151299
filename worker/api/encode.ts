// POST /encode: a PNG in; its latent's distribution or its codes out, with the fitted picture.

import { Hono } from "hono";
import * as v from "valibot";
import { toJson } from "../../shared/image/json.ts";
import { classProbabilities } from "../../shared/latent/gaussian/mixture-density.ts";
import type { ModelStore } from "../models/model-store.ts";
import { pinnedName } from "../models/reference.ts";
import { checkUpload } from "../upload/upload.ts";
import { describePoint } from "./drawing.ts";
import { describeFit, encodeUpload } from "./encoding.ts";
import { model } from "./parameters.ts";
import { parseQuery } from "./query.ts";
import { CONTENT_TYPES, replyToUpload } from "./reply.ts";

export const EncodeQuery = v.strictObject({ model });

export const encode = (store: ModelStore) =>
  new Hono().post("/encode", async (c) => {
    const { query } = parseQuery(EncodeQuery, c.req.url);
    checkUpload(c.req.raw);
    const model = await store.resolve(query.model);
    const { fitted, point, latent } = await encodeUpload(c.req.raw, store, model);
    const encoding = {
      model: pinnedName(model),
      ...describePoint(point),
      /** p(digit | mu) under the release's mixture, by digit; null where it has none. */
      digits: latent.mixture
        ? classProbabilities(latent.mixture, point.latent).map((share) => Number(share.toPrecision(6)))
        : null,
      fit: describeFit(fitted),
      fitted: toJson(fitted.image),
    };
    return replyToUpload(JSON.stringify(encoding), CONTENT_TYPES.json, model);
  });
