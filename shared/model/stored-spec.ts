// Specs as cards and run folders store them. Schema 1 of cards wrote `latentDim`, and `codes` for a grid of codes, where a
// spec has `latent`. Cards of these two kinds are still written in that form, the only one that deployed Workers read. Later
// kinds are stored as they are; Workers without them refuse their schemes.

import * as v from "valibot";
import { CodesSchema } from "../latent/codes/spec.ts";
import { latentDim } from "../latent/kind.ts";
import { type ModelSpec, SpecSchema, size } from "./spec.ts";

const { input, encoder, decoder } = SpecSchema.entries;

const FlatSchema = v.pipe(
  v.strictObject({
    input,
    latentDim: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)),
    codes: v.optional(v.omit(CodesSchema, ["kind"])),
    encoder,
    decoder,
  }),
  v.check(
    ({ codes, latentDim: dim, decoder: [first] }) =>
      !codes || first?.kind !== "reshape" || size(first.shape) === dim,
    "expected latentDim to be the size of the grid of embeddings",
  ),
  v.transform(({ latentDim: dim, codes, ...rest }): ModelSpec => {
    return { ...rest, latent: codes ? { kind: "codes", ...codes } : { kind: "gaussian", dim } };
  }),
);

/** Reads a spec in either form. */
export const ModelSpecSchema: v.GenericSchema<unknown, ModelSpec> = v.lazy((value) =>
  typeof value === "object" && value !== null && "latentDim" in value ? FlatSchema : SpecSchema,
);

/** A spec as a card stores it. */
export function storedSpec(spec: ModelSpec): unknown {
  if (spec.latent.kind === "flow" || spec.latent.kind === "conditional") return spec;
  const { input, latent, ...stacks } = spec;
  const { kind, ...codes } = latent;
  return { input, latentDim: latentDim(spec), ...(kind === "codes" && { codes }), ...stacks };
}
