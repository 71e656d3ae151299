// GET /sample: one digit. Parse and check, then reply: sample, decode, encode.

import * as v from "valibot";
import { toJson } from "../../shared/image/json.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import type { LoadedModel } from "../models/model-store.ts";
import { samplingRule } from "./card-rules.ts";
import { checkColours, checkDetails, describeDraw, RENDERERS, styleOf } from "./drawing.ts";
import { details, digit, drawing, model, pngSvgJson, sampling, seed } from "./parameters.ts";
import { pictureRoute } from "./picture.ts";
import type { Body } from "./reply.ts";

const SampleQuery = v.strictObject({
  seed,
  digit,
  ...sampling,
  ...drawing,
  format: pngSvgJson,
  details,
  model,
});

export const sample = pictureRoute({
  path: "/sample",
  query: SampleQuery,
  plan: (query, given) => {
    checkColours(query.format, given);
    checkDetails(query.format, given);
    const seed = query.seed ?? crypto.randomUUID();
    const digits = query.digit === undefined ? [] : [query.digit];
    return {
      query,
      canonical: { ...query, seed },
      seed,
      isRandom: query.seed === undefined,
      rule: samplingRule(query.sampler, digits),
      digits,
      draw: (model, name, picture) => drawSample({ ...query, seed, picture }, model, name),
    };
  },
});

/** The reply's body for checked parameters. */
function drawSample(
  query: v.InferOutput<typeof SampleQuery> & { readonly seed: string; readonly picture: PictureFormat },
  { decoder, sampler }: LoadedModel,
  model: string,
): Body {
  const { scale, png, svg } = RENDERERS[query.picture];
  const draw = sampler.draw(query.seed, query);
  const image = decoder.image(draw.latent);
  switch (query.format) {
    case "png":
      return png(scale(image, query.size), styleOf(query));
    case "svg":
      return svg(image, query.size, styleOf(query));
    case "json":
      return JSON.stringify({
        ...(query.details && { model, ...describeDraw(draw) }),
        ...toJson(scale(image, query.size)),
      });
  }
}
