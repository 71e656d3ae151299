// GET /grid: rows and columns of digits, each with a seed of its own that /sample takes too.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { toJson } from "../../shared/image/json.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { gridSheet } from "../../shared/image/sheet.ts";
import { memberSeed } from "../../shared/latent.ts";
import { CONTENT_TYPES } from "../content-types.ts";
import { checkColours, checkPixels, encodeSheet, toOrigin } from "../drawing.ts";
import { type LoadedModel, type ModelStore, pinnedName } from "../model-store.ts";
import { GridQuery } from "../params.ts";
import { InvalidParameterError } from "../problems.ts";
import { canonicalParameters, parseQuery } from "../query.ts";
import { replyPicture } from "../reply.ts";
import { MAX_DIGITS } from "../values.ts";

const DEFAULT_ROWS = 6;

type Query = InferOutput<typeof GridQuery>;
type ResolvedQuery = Query & { readonly seed: string; readonly rows: number };

export const grid = (store: ModelStore) =>
  new Hono().get("/grid", async (c) => {
    const query = parseQuery(GridQuery, c.req.url);
    const seed = query.seed ?? crypto.randomUUID();
    const resolved = { ...query, seed, rows: query.rows ?? query.digits?.length ?? DEFAULT_ROWS };
    checkGrid(resolved);
    const model = await store.resolve(query.model, seed);
    return replyPicture({
      request: c.req.raw,
      path: "/grid",
      model,
      parameters: canonicalParameters(GridQuery, resolved),
      randomSeed: query.seed === undefined ? seed : undefined,
      contentType: CONTENT_TYPES[query.format],
      body: async () => drawGrid(resolved, await store.load(model), pinnedName(model)),
    });
  });

function checkGrid(query: ResolvedQuery): void {
  const { rows, cols, digit, digits, format } = query;
  if (digit !== undefined && digits !== undefined) {
    throw new InvalidParameterError("digits", `parameter "digits": give digit or digits, not both`);
  }
  if (digits !== undefined && digits.length > rows) {
    throw new InvalidParameterError(
      "rows",
      `parameter "rows": ${rows} rows cannot show the ${digits.length} of digits; leave rows out, or give fewer digits`,
    );
  }
  if (rows * cols > MAX_DIGITS) {
    const name = query.cols > query.rows ? "cols" : "rows";
    throw new InvalidParameterError(
      name,
      `parameter "${name}": ${rows} rows of ${cols} are ${rows * cols} digits; at most ${MAX_DIGITS}`,
    );
  }
  checkColours(format, query);
  // The cost of outlines does not grow with size.
  if (format !== "svg") checkPixels(rows * cols, query);
}

/** The reply's body for checked parameters. */
export function drawGrid(
  query: ResolvedQuery,
  { decoder, sampler: source }: LoadedModel,
  model: string,
): Uint8Array | string {
  const { seed, rows, cols, digits, sampler, temperature } = query;
  const draws = Array.from({ length: rows * cols }, (_, i) => {
    const row = Math.floor(i / cols);
    const digit = digits ? Number(digits[row % digits.length]) : query.digit;
    return source.draw(memberSeed(seed, i), { digit, sampler, temperature });
  });
  const images = decoder.images(draws.map(({ latent }) => latent));
  if (query.format !== "json") return encodeSheet(gridSheet(images, cols), query.format, query);
  const cells = images.map((image, i) => ({
    ...toOrigin(draws[i]!),
    ...toJson(scaleImage(image, query.size)),
  }));
  return JSON.stringify({ model, seed, rows, cols, cells });
}
