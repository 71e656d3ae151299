// Options as fields of a valibot schema, for command lines and configuration files alike.

import * as v from "valibot";

/** One field per option; `batchSize` is `--batch-size`. Each has a description. */
export type Fields = Record<string, v.GenericSchema>;

/** An option that takes a value; without a fallback its value may be undefined. */
export function option<S extends v.GenericSchema, const D extends v.InferInput<S> | undefined = undefined>(
  schema: S,
  meaning: string,
  fallback?: D,
) {
  return v.pipe(v.optional(schema, fallback as D), v.description(meaning));
}

/** An option without a value. */
export function flag(meaning: string) {
  return option(v.boolean(), meaning, false);
}

export function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Whole numbers of at least `min`. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  return v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
}

/** Ranges shared by options of several stages. */
export const count = wholeNumber(1, 10_000);
export const stepSize = v.pipe(v.number(), v.gtValue(0), v.maxValue(1));
export const dropoutRate = v.pipe(v.number(), v.minValue(0), v.maxValue(0.9));
