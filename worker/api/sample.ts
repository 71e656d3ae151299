// GET /sample: one digit: sample a latent, decode it, encode the picture.

import * as v from "valibot";
import { samplingRule } from "./card-rules.ts";
import { describeDraw, encodeDigit } from "./drawing.ts";
import { details, digit, drawing, model, pngSvgJson, sampling, seed } from "./parameters.ts";
import { pictureRoute } from "./picture.ts";

export const SampleQuery = v.strictObject({
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
  plan: (query) => {
    const digits = query.digit === undefined ? [] : [query.digit];
    return {
      rule: samplingRule(query, digits),
      digits,
      work: { draws: 1, digits: 1 },
      draw: ({ decoder, latent }, model, renderer) => {
        const draw = latent.draw(query.seed, query);
        const details = query.details && { model, ...describeDraw(draw) };
        return encodeDigit(decoder.image(draw.latent), query.format, renderer, details);
      },
    };
  },
});
