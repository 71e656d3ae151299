// GET /number/:digits: a handwritten number. Each place has a seed of its own, so equal digits differ, a longer number
// begins like the shorter one, and /sample draws any of its digits alone.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { SamplerError } from "../../shared/errors.ts";
import { toJson } from "../../shared/image/json.ts";
import { findInk, setNumber } from "../../shared/image/number.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { rasterizeSheet, toPixels } from "../../shared/image/sheet.ts";
import { memberSeed } from "../../shared/latent.ts";
import { CONTENT_TYPES } from "../content-types.ts";
import { checkColours, checkPixels, encodeSheet, toOrigin } from "../drawing.ts";
import { type LoadedModel, type ModelStore, pinnedName } from "../model-store.ts";
import { NumberPath, NumberQuery } from "../params.ts";
import { canonicalParameters, parsePath, parseQuery } from "../query.ts";
import { replyPicture } from "../reply.ts";

export const number = (store: ModelStore) =>
  new Hono().get("/number/:digits", async (c) => {
    const { digits } = parsePath(NumberPath, c.req.param());
    const query = parseQuery(NumberQuery, c.req.url);
    checkColours(query.format, query);
    // The cost of outlines does not grow with size.
    if (query.format !== "svg") checkPixels(digits.length, query);
    const seed = query.seed ?? crypto.randomUUID();
    const model = await store.resolve(query.model, seed);
    const seeded = { ...query, seed };
    return replyPicture({
      request: c.req.raw,
      path: `/number/${digits}`,
      model,
      parameters: canonicalParameters(NumberQuery, seeded),
      randomSeed: query.seed === undefined ? seed : undefined,
      contentType: CONTENT_TYPES[query.format],
      body: async () => drawNumber(digits, seeded, await store.load(model), pinnedName(model)),
    });
  });

/** The reply's body for checked parameters. */
export function drawNumber(
  digits: string,
  query: InferOutput<typeof NumberQuery> & { readonly seed: string },
  { decoder, sampler }: LoadedModel,
  model: string,
): Uint8Array | string {
  if (sampler.digits.length === 0) {
    throw new SamplerError(`${model} has no mixture, and so cannot draw a certain digit; another model may`);
  }
  const { seed, sampler: source, temperature, layout, spacing, size } = query;
  const draws = [...digits].map((digit, place) =>
    sampler.draw(memberSeed(seed, place), { digit: Number(digit), sampler: source, temperature }),
  );
  const images = decoder.images(draws.map(({ latent }) => latent));
  const sheet = setNumber(images, layout, spacing);
  if (query.format !== "json") return encodeSheet(sheet, query.format, query);
  const places = sheet.digits.map(({ image, left }, place) => {
    const x = toPixels(sheet, left, size);
    const ink = findInk(scaleImage(image, size));
    return { ...toOrigin(draws[place]!), left: x, ink: ink ? { ...ink, left: ink.left + x } : null };
  });
  const picture = toJson(rasterizeSheet(sheet, size));
  return JSON.stringify({ model, seed, number: digits, digits: places, ...picture });
}
