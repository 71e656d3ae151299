// GET /decode: the digit of an explicit latent, or of explicit codes.

import { Hono } from "hono";
import type { InferOutput } from "valibot";
import { ArgumentError } from "../../shared/errors.ts";
import { toJson } from "../../shared/image/json.ts";
import type { PictureFormat } from "../../shared/image/picture-format.ts";
import { checkGrid } from "../../shared/latent/codebook.ts";
import { codeGrid, type ModelSpec } from "../../shared/model/spec.ts";
import type { LoadedModel, ModelStore } from "../models/model-store.ts";
import type { CardRule } from "./card-rules.ts";
import { checkColours, RENDERERS, styleOf } from "./drawing.ts";
import { DecodeQuery } from "./params.ts";
import { replyPicture } from "./picture.ts";
import { InvalidParameterError } from "./problems.ts";
import { parseQuery } from "./query.ts";

type Query = InferOutput<typeof DecodeQuery>;

export const decode = (store: ModelStore) =>
  new Hono().get("/decode", (c) => {
    const { query, given } = parseQuery(DecodeQuery, c.req.url);
    checkColours(query.format, given);
    checkInput(query);
    return replyPicture(store, {
      request: c.req.raw,
      path: "/decode",
      schema: DecodeQuery,
      query,
      canonical: query,
      rule: inputRule(query),
      draw: (model, name, picture) => drawLatentOf({ ...query, picture }, model, name),
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

/** Refuses a latent of another kind or size than the model's. */
function inputRule({ z, codes }: Query): CardRule {
  const refuse = (name: string, message: string) =>
    new InvalidParameterError(name, `parameter "${name}": ${message}`);
  return ({ spec }, model) => {
    if (codes) {
      if (!spec.codes) throw refuse("codes", `${model} has no codes; give its latent as z`);
      checkCodes(codes, spec);
    } else if (spec.codes) {
      const { rows, columns } = codeGrid(spec);
      throw refuse("z", `${model} has a grid of codes and no such latent; give its ${rows * columns} codes`);
    } else if (z!.length !== spec.latentDim) {
      throw refuse("z", `a latent of ${model} has ${spec.latentDim} numbers, found ${z!.length}`);
    }
    return [];
  };
}

function checkCodes(codes: readonly number[], spec: ModelSpec): void {
  try {
    checkGrid(codes, { ...codeGrid(spec), size: spec.codes!.codebook.size });
  } catch (cause) {
    if (!(cause instanceof ArgumentError)) throw cause;
    throw new InvalidParameterError("codes", `parameter "codes": ${cause.message}`);
  }
}

/** The reply's body for parameters that the model can draw. */
export function drawLatentOf(
  query: Query & { readonly picture: PictureFormat },
  { decoder, codes }: LoadedModel,
  model: string,
): Uint8Array | string {
  const { scale, png, svg } = RENDERERS[query.picture];
  const image = decoder.image(query.codes ? codes!.embed(query.codes) : Float32Array.from(query.z!));
  switch (query.format) {
    case "png":
      return png(scale(image, query.size), styleOf(query));
    case "svg":
      return svg(image, query.size, styleOf(query));
    case "json":
      return JSON.stringify({
        model,
        ...(query.codes ? { codes: query.codes } : { latent: query.z }),
        ...toJson(scale(image, query.size)),
      });
  }
}
