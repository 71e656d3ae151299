// GET /number/:digits: a handwritten number. Each place has a seed of its own, so equal digits differ, a longer number
// begins like the shorter one, and /sample draws any of its digits alone.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { toJson } from "../../shared/image/json.ts";
import { findInk, setNumber } from "../../shared/image/number.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import { toPixels } from "../../shared/image/sheet.ts";
import { memberSeed } from "../../shared/latent/gaussian.ts";
import type { LoadedModel, ModelStore } from "../models/model-store.ts";
import { numberRule } from "./card-rules.ts";
import { checkColours, checkPixels, encodeSheet, RENDERERS, toOrigin } from "./drawing.ts";
import { NumberPath, NumberQuery } from "./params.ts";
import { replyPicture } from "./picture.ts";
import { parsePath, parseQuery } from "./query.ts";

export const number = (store: ModelStore) =>
  new Hono().get("/number/:digits", (c) => {
    const { digits: text } = parsePath(NumberPath, c.req.param());
    const { query, given } = parseQuery(NumberQuery, c.req.url);
    checkColours(query.format, given);
    // The cost of outlines does not grow with size.
    if (query.format !== "svg") checkPixels(text.length, query);
    const seed = query.seed ?? crypto.randomUUID();
    const digits = Array.from(text, Number);
    return replyPicture(store, {
      request: c.req.raw,
      path: `/number/${text}`,
      schema: NumberQuery,
      query,
      // A single digit has no neighbours.
      canonical: { ...query, seed, ...(digits.length === 1 && { spacing: undefined }) },
      seed,
      isRandom: query.seed === undefined,
      rule: numberRule(query.sampler, digits),
      digits,
      draw: (model, name, picture) => drawNumber(text, { ...query, seed, picture }, model, name),
    });
  });

/** The reply's body for checked parameters. */
export function drawNumber(
  digits: string,
  query: InferOutput<typeof NumberQuery> & { readonly seed: string; readonly picture: PictureFormat },
  { decoder, sampler }: LoadedModel,
  model: string,
): Uint8Array | string {
  const { seed, sampler: source, temperature, layout, spacing, size } = query;
  const { scale, rasterize } = RENDERERS[query.picture];
  const draws = [...digits].map((digit, place) =>
    sampler.draw(memberSeed(seed, place), { digit: Number(digit), sampler: source, temperature }),
  );
  const images = decoder.images(draws.map(({ latent }) => latent));
  const sheet = setNumber(images, layout, spacing);
  if (query.format !== "json") return encodeSheet(sheet, query.format, query);
  const places = sheet.digits.map(({ image, left }, place) => {
    const x = toPixels(sheet, left, size);
    const ink = findInk(scale(image, size));
    return { ...toOrigin(draws[place]!), left: x, ink: ink ? { ...ink, left: ink.left + x } : null };
  });
  const picture = toJson(rasterize(sheet, size));
  return JSON.stringify({ model, seed, number: digits, digits: places, ...picture });
}
