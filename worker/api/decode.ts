// GET /decode: the digit of an explicit latent, or of explicit codes.

import * as v from "valibot";
import { ArgumentError } from "../../shared/errors.ts";
import { checkLatent, kindOf } from "../../shared/latent/kind.ts";
import type { CardRule } from "./card-rules.ts";
import { encodeDigit } from "./drawing.ts";
import { drawing, model, pngSvgJson } from "./parameters.ts";
import { pictureRoute } from "./picture.ts";
import { InvalidParameterError, invalid } from "./problems.ts";
import { codes, latent, parameter } from "./values.ts";

const DecodeQuery = v.strictObject({
  z: parameter(
    v.optional(latent),
    "The latent: as many comma-separated numbers as the model has latent dimensions, each from -100 to 100, and for a model with noise its grain, from 0 to below 1; without, there is no noise. They are rounded to float32. Or give codes.",
    [
      "0.5,-1,0,0.25,1,0,0,-0.5,0,1,0.75,0,-1.5,0,0,0.1,0.1,0,0,-1.5,0,0.75,1,0,-0.5,0,0,1,0.25,0,-1,0.5",
      "0.5,-1.25",
    ],
  ),
  codes: parameter(
    v.optional(codes),
    "For a model with codes, instead of z: the comma-separated codes of its grid, row by row, each below the size of its codebook.",
    [Array.from({ length: 49 }, (_, i) => i % 10).join()],
  ),
  ...drawing,
  format: parameter(pngSvgJson, "A picture of pixels, one of outlines, or the grey levels."),
  model,
});

type Query = v.InferOutput<typeof DecodeQuery>;

export const decode = pictureRoute({
  path: "/decode",
  query: DecodeQuery,
  plan: (query) => {
    const { z, codes, format } = query;
    checkInput(query);
    return {
      rule: inputRule(query),
      work: { draws: 0, digits: 1 },
      draw: ({ decoder, latent }, name, renderer) => {
        const image = decoder.image(latent.decode(codes ?? z!));
        return encodeDigit(image, format, renderer, { model: name, ...(codes ? { codes } : { latent: z }) });
      },
    };
  },
});

function checkInput({ z, codes }: Query): void {
  if (z === undefined && codes === undefined) {
    throw new InvalidParameterError("z", `parameter "z" or "codes" is missing`);
  }
  if (z !== undefined && codes !== undefined) {
    throw invalid("codes", "give z or codes, not both");
  }
}

/** Refuses a latent of a different kind or size than the model's. */
function inputRule(query: Query): CardRule {
  const given = query.codes ? "codes" : "z";
  return ({ spec }, model) => {
    const { input, describeInput } = kindOf(spec);
    if (given !== input) throw invalid(given, `${model} ${describeInput(spec)}`);
    try {
      checkLatent(spec, query[given]!, model);
    } catch (cause) {
      if (cause instanceof ArgumentError) throw invalid(given, cause.message);
      throw cause;
    }
    return [];
  };
}
