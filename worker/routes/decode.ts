// GET /decode: the digit of an explicit latent, or of explicit codes.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import type { CodeModel } from "../../shared/codes/model.ts";
import { ArgumentError } from "../../shared/errors.ts";
import { toJson } from "../../shared/image/json.ts";
import { encodePng } from "../../shared/image/png.ts";
import { scaleImage } from "../../shared/image/scale.ts";
import { encodeSvg } from "../../shared/image/svg.ts";
import { CONTENT_TYPES } from "../content-types.ts";
import { checkColours, styleOf } from "../drawing.ts";
import { type LoadedModel, type ModelStore, pinnedName } from "../model-store.ts";
import { DecodeQuery } from "../params.ts";
import { InvalidParameterError } from "../problems.ts";
import { canonicalParameters, parseQuery } from "../query.ts";
import { replyPicture } from "../reply.ts";

type Query = InferOutput<typeof DecodeQuery>;

export const decode = (store: ModelStore) =>
  new Hono().get("/decode", async (c) => {
    const query = parseQuery(DecodeQuery, c.req.url);
    checkColours(query.format, query);
    checkInput(query);
    const model = await store.resolve(query.model);
    return replyPicture({
      request: c.req.raw,
      path: "/decode",
      model,
      parameters: canonicalParameters(DecodeQuery, query),
      contentType: CONTENT_TYPES[query.format],
      body: async () => drawLatentOf(query, await store.load(model), pinnedName(model)),
    });
  });

function checkInput({ z, codes }: Query): void {
  if (z === undefined && codes === undefined) {
    throw new InvalidParameterError("z", `parameter "z" is missing, or "codes"`);
  }
  if (z !== undefined && codes !== undefined) {
    throw new InvalidParameterError("codes", `parameter "codes": give z or codes, not both`);
  }
}

/**
 * The reply's body for checked parameters.
 * @throws InvalidParameterError when the model has a latent of another kind or size
 */
export function drawLatentOf(query: Query, loaded: LoadedModel, model: string): Uint8Array | string {
  const image = loaded.decoder.image(latentOf(query, loaded, model));
  switch (query.format) {
    case "png":
      return encodePng(scaleImage(image, query.size), styleOf(query));
    case "svg":
      return encodeSvg(image, query.size, styleOf(query));
    case "json":
      return JSON.stringify({
        model,
        ...(query.codes ? { codes: query.codes } : { latent: query.z }),
        ...toJson(scaleImage(image, query.size)),
      });
  }
}

/** What the decoder takes. */
function latentOf({ z, codes }: Query, { card, codes: book }: LoadedModel, model: string): Float32Array {
  if (codes !== undefined) return embedCodes(codes, book, model);
  if (book) {
    throw new InvalidParameterError(
      "z",
      `parameter "z": ${model} has a grid of codes and no such latent; give its ${book.rows * book.columns} codes`,
    );
  }
  const { latentDim } = card.spec;
  if (z!.length !== latentDim) {
    throw new InvalidParameterError(
      "z",
      `parameter "z": a latent of ${model} has ${latentDim} numbers, found ${z!.length}`,
    );
  }
  return Float32Array.from(z!);
}

function embedCodes(codes: readonly number[], book: CodeModel | undefined, model: string): Float32Array {
  if (!book) {
    throw new InvalidParameterError(
      "codes",
      `parameter "codes": ${model} has no codes; give its latent as z`,
    );
  }
  try {
    return book.embed(codes);
  } catch (cause) {
    if (!(cause instanceof ArgumentError)) throw cause;
    throw new InvalidParameterError("codes", `parameter "codes": ${cause.message}`);
  }
}
