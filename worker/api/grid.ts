// GET /grid: rows and columns of digits, each with its own seed, which /sample takes too.

import * as v from "valibot";
import { memberSeed } from "../../shared/arithmetic/random.ts";
import { toJson, writeJson } from "../../shared/image/json.ts";
import type { Renderer } from "../../shared/image/renderer.ts";
import { gridSheet } from "../../shared/image/sheet.ts";
import { MAX_DIGITS } from "../../shared/limits.ts";
import type { LoadedModel } from "../models/model-cache.ts";
import { samplingRule } from "./card-rules.ts";
import { checkPixels, describeDraw, encodeSheet } from "./drawing.ts";
import { digit, drawing, groupSeed, model, pngSvgJson, sampling } from "./parameters.ts";
import { pictureRoute } from "./picture.ts";
import { invalid } from "./problems.ts";
import type { Body } from "./reply.ts";
import { digitsUpTo, parameter, wholeNumber } from "./values.ts";

const DEFAULT_ROWS = 6;

const GridQuery = v.strictObject({
  seed: groupSeed(
    "The digits' seeds are derived from it. Without it a random one is used, and returned in X-Seed.",
  ),
  rows: parameter(
    v.optional(wholeNumber(1, MAX_DIGITS)),
    `Rows: as many as digits, or ${DEFAULT_ROWS}. At most ${MAX_DIGITS} digits in all.`,
    [3, 1],
  ),
  cols: parameter(
    v.optional(wholeNumber(1, MAX_DIGITS), "6"),
    `Digits in each row. At most ${MAX_DIGITS} in all.`,
    [8, 1],
  ),
  digit: parameter(digit, "Which digit all cells show. Needs a release that learned the classes."),
  digits: parameter(
    v.optional(digitsUpTo(MAX_DIGITS)),
    "Which digit each row shows, from the top; repeated if there are more rows. Not with digit.",
    ["0123456789", "7"],
  ),
  ...sampling,
  ...drawing,
  format: parameter(
    pngSvgJson,
    "A picture of pixels, one of outlines, or the grey levels with their origin.",
  ),
  model,
});

type Query = v.InferOutput<typeof GridQuery>;
type ResolvedQuery = Query & { readonly seed: string; readonly rows: number };

export const grid = pictureRoute({
  path: "/grid",
  query: GridQuery,
  plan: (query) => {
    const resolved = { ...query, rows: query.rows ?? defaultRows(query.digits) };
    checkGrid(resolved);
    const digits = query.digits
      ? Array.from(query.digits, Number)
      : query.digit === undefined
        ? []
        : [query.digit];
    return {
      canonical: canonicalGrid(resolved),
      rule: samplingRule(query, digits),
      digits,
      ...gridWork(resolved),
      draw: (model, name, renderer) => drawGrid(resolved, model, name, renderer),
    };
  },
});

function defaultRows(digits: string | undefined): number {
  return digits?.length ?? DEFAULT_ROWS;
}

/** In one spelling: the fewest digits that are repeated down the rows, one for all as `digit`. */
function canonicalGrid({ rows, digits, ...query }: ResolvedQuery): Record<string, unknown> {
  if (digits === undefined) return { ...query, rows: rows === DEFAULT_ROWS ? undefined : rows };
  const period = Array.from(digits, (_, i) => digits.slice(0, i + 1)).find(
    (start) => start.repeat(rows).slice(0, rows) === digits.repeat(rows).slice(0, rows),
  )!;
  if (period.length === 1) return canonicalGrid({ ...query, digit: Number(period), rows, digits: undefined });
  return { ...query, digits: period, rows: rows === defaultRows(period) ? undefined : rows };
}

/** Fewer rows cost less; where there are fewer rows than columns, fewer columns. */
function gridWork({ rows, cols }: ResolvedQuery) {
  const work = (count: number) => ({ draws: count, digits: count });
  const [parameter, value, others] =
    cols > rows ? (["cols", cols, rows] as const) : (["rows", rows, cols] as const);
  const levers = [{ parameter, value, least: 1, work: (fewer: number) => work(fewer * others) }];
  return { work: work(rows * cols), levers };
}

function checkGrid(query: ResolvedQuery): void {
  const { rows, cols, digit, digits } = query;
  if (digit !== undefined && digits !== undefined) {
    throw invalid("digits", "give digit or digits, not both");
  }
  if (digits !== undefined && digits.length > rows) {
    throw invalid("rows", `found ${rows} rows for ${digits.length} digits; omit rows, or give fewer digits`);
  }
  if (rows * cols > MAX_DIGITS) {
    const name = query.cols > query.rows ? "cols" : "rows";
    throw invalid(name, `${rows} x ${cols} gives ${rows * cols} digits, expected at most ${MAX_DIGITS}`);
  }
  checkPixels(rows * cols, query);
}

/** The reply's body for checked parameters. */
function drawGrid(
  query: ResolvedQuery,
  { decoder, latent }: LoadedModel,
  model: string,
  renderer: Renderer,
): Body {
  const { seed, rows, cols, digits, sampler, temperature, guidance } = query;
  const requests = Array.from({ length: rows * cols }, (_, i) => {
    const row = Math.floor(i / cols);
    const digit = digits ? Number(digits[row % digits.length]) : query.digit;
    return { seed: memberSeed(seed, i), digit, sampler, temperature, guidance };
  });
  const draws = latent.drawAll(requests);
  const images = decoder.images(draws.map(({ latent }) => latent));
  if (query.format !== "json") return encodeSheet(gridSheet(images, cols), query.format, renderer);
  const cells = images.map((image, i) => ({
    ...describeDraw(draws[i]!),
    ...toJson(renderer.scale(image)),
  }));
  return writeJson({ model, seed, rows, cols, cells });
}
