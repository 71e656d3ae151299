// POST /encode: a PNG in; its latent's distribution or its codes out, with the fitted picture.

import * as v from "valibot";
import { toJson, writeJson } from "../../shared/image/json.ts";
import { MIN_SIZE } from "../../shared/limits.ts";
import type { ModelStore } from "../models/model-store.ts";
import { pinnedName } from "../models/reference.ts";
import { checkUpload } from "../upload/upload.ts";
import type { Budget } from "./budget.ts";
import { describePoint } from "./drawing.ts";
import { describeFit, type Encoding, encodeUpload } from "./encoding.ts";
import { model } from "./parameters.ts";
import { parseQuery } from "./query.ts";
import { CONTENT_TYPES, replyToUpload } from "./reply.ts";
import type { App } from "./route.ts";

export const EncodeQuery = v.strictObject({ model });

/** A flow's way back is decoded twice, to tell how far it leads. */
const USE = { digits: 2, size: MIN_SIZE, format: "json", levers: [] } as const;

export const encode = (app: App, store: ModelStore, budget: Budget) =>
  app.post("/encode", async (c) => {
    const { query } = parseQuery(EncodeQuery, c.req.url);
    checkUpload(c.req.raw);
    const model = await store.resolve(query.model);
    const encoded = await encodeUpload(c.req.raw, store, model, budget, USE);
    const { fitted, point, latent } = encoded;
    const encoding = {
      model: pinnedName(model),
      ...describePoint(point),
      ...describeNoise(encoded),
      /** p(digit | mu), by digit; null where the release cannot say. */
      digits: latent.readDigit?.(point.latent).map(toSixDigits) ?? null,
      fit: describeFit(fitted),
      fitted: toJson(fitted.image),
    };
    return replyToUpload(writeJson(encoding), CONTENT_TYPES.json, model);
  });

/** The noise of a picture's latent, and how far from it the way back leads: root mean squares of latent and pixels. */
function describeNoise({ latent, decoder, point }: Encoding): object {
  const found = latent.findNoise?.(point.latent);
  if (!found) return {};
  const [again, image] = decoder.images([found.latent, point.latent]);
  const roundTrip = {
    latent: toSixDigits(distance(found.latent, point.latent)),
    pixels: toSixDigits(distance(again!.pixels, image!.pixels)),
  };
  return { ...describePoint(found), roundTrip };
}

/** The root mean square of the differences. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const squares = Array.from(a, (value, i) => (value - b[i]!) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

const toSixDigits = (value: number) => Number(value.toPrecision(6));
