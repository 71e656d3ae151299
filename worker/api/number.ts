// GET /number/:digits: a handwritten number. Each place has its own seed, so equal digits differ, a longer number
// begins like the shorter one, and /sample draws any of its digits alone.

import * as v from "valibot";
import { memberSeed } from "../../shared/arithmetic/random.ts";
import { toJson, writeJson } from "../../shared/image/json.ts";
import { findInk, setNumber } from "../../shared/image/number.ts";
import type { Renderer } from "../../shared/image/renderer.ts";
import { MAX_SIZE } from "../../shared/image/scale.ts";
import { toPixels } from "../../shared/image/sheet.ts";
import { MAX_PLACES, NUMBER_TEMPERATURE } from "../../shared/limits.ts";
import type { LoadedModel } from "../models/model-cache.ts";
import { numberRule } from "./card-rules.ts";
import { checkPixels, describeDraw, encodeSheet } from "./drawing.ts";
import { drawing, groupSeed, model, pngSvgJson, sampling } from "./parameters.ts";
import { pictureRoute } from "./picture.ts";
import type { Body } from "./reply.ts";
import { digitsUpTo, parameter, temperature, wholeNumber } from "./values.ts";

export const NumberPath = v.strictObject({
  digits: parameter(
    digitsUpTo(MAX_PLACES),
    `The number: 1 to ${MAX_PLACES} digits, which may begin with zeros.`,
    ["1729", "007", "31415926535"],
  ),
});

const NumberQuery = v.strictObject({
  seed: groupSeed(
    "The handwriting: the digits' seeds are derived from it. Without it a random one is used, and returned in X-Seed.",
  ),
  layout: parameter(
    v.optional(v.picklist(["ink", "squares"], "expected ink or squares"), "ink"),
    "Digits spaced by their ink, as in handwriting, or each in a square of its own.",
    ["squares"],
  ),
  spacing: parameter(
    v.optional(wholeNumber(-6, 28), "0"),
    "Space added between digits, in 28ths of the height; below 0 they move together and touch.",
    [2, -6],
  ),
  sampler: parameter(
    sampling.sampler,
    "A class-conditional sampler: the mixture, or for a model with codes its prior.",
    ["mixture"],
  ),
  temperature: parameter(
    v.optional(temperature, String(NUMBER_TEMPERATURE)),
    "Variety: 0 draws the most typical digits, 1 the model's own variety, 2 the oddest. The default is lower than elsewhere, because one illegible digit spoils the number. At most 4 decimals.",
    [0.5, 0, 2],
  ),
  guidance: sampling.guidance,
  ...drawing,
  size: parameter(
    drawing.size,
    `Height of the picture, pixels. All digits together have at most ${MAX_SIZE} x ${MAX_SIZE}, except as outlines.`,
  ),
  format: parameter(
    pngSvgJson,
    "A picture of pixels, one of outlines, or the grey levels with each digit's place and origin.",
  ),
  model,
});

export const number = pictureRoute({
  path: "/number/:digits",
  pathParameters: NumberPath,
  query: NumberQuery,
  plan: (query, _, { digits: text }) => {
    checkPixels(text.length, query);
    const digits = Array.from(text, Number);
    return {
      // A single digit has no neighbours.
      canonical: { ...query, ...(digits.length === 1 && { spacing: undefined }) },
      rule: numberRule(query, digits),
      digits,
      work: work(digits.length),
      levers: [{ parameter: "digits", value: digits.length, least: 1, work }],
      draw: (model, name, renderer) => drawNumber(text, query, model, name, renderer),
    };
  },
});

const work = (count: number) => ({ draws: count, digits: count });

/** The reply's body for checked parameters. */
function drawNumber(
  digits: string,
  query: v.InferOutput<typeof NumberQuery> & { readonly seed: string },
  { decoder, latent }: LoadedModel,
  model: string,
  renderer: Renderer,
): Body {
  const { seed, sampler, temperature, guidance, layout, spacing, size } = query;
  const requests = Array.from(digits, (digit, place) => {
    return { seed: memberSeed(seed, place), digit: Number(digit), sampler, temperature, guidance };
  });
  const draws = latent.drawAll(requests);
  const images = decoder.images(draws.map(({ latent }) => latent));
  const sheet = setNumber(images, layout, spacing, renderer.shape);
  if (query.format !== "json") return encodeSheet(sheet, query.format, renderer);
  const places = sheet.digits.map(({ image, left }, place) => {
    const x = toPixels(sheet, left, size);
    const drawn = renderer.draw(image);
    const ink = findInk(drawn);
    const offset = x + drawn.left;
    return { ...describeDraw(draws[place]!), left: x, ink: ink ? { ...ink, left: ink.left + offset } : null };
  });
  const picture = toJson(renderer.rasterize(sheet));
  return writeJson({ model, seed, number: digits, digits: places, ...picture });
}
