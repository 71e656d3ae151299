// Options of a data set as text, for command lines and addresses alike.

import * as v from "valibot";
import { describeRange, isRange, RANGES, type Range } from "./plan.ts";

/** -15..15, or 10 for 10..10. */
const rangeText = (name: keyof typeof RANGES) => {
  const expected = `expected ${describeRange(RANGES[name])}`;
  return v.pipe(
    v.string(),
    v.regex(/^-?\d{1,3}(\.\d{1,2})?(\.\.-?\d{1,3}(\.\d{1,2})?)?$/, expected),
    v.transform((text): Range => {
      const [low, high = low] = text.split("..").map(Number) as [number, number?];
      return [low, high];
    }),
    v.check((range) => isRange(range, RANGES[name]), expected),
  );
};

export const slantRange = rangeText("slant");
export const weightRange = rangeText("weight");

/** As `slantRange` and `weightRange` read it, in one spelling. */
export function formatRange([low, high]: Range): string {
  return low === high ? String(low) : `${low}..${high}`;
}

/** 137: in order, each once. */
export const digitChoice = v.pipe(
  v.string(),
  v.regex(/^\d{1,10}$/, "expected digits, such as 137"),
  v.transform((text) => [...new Set(Array.from(text, Number))].sort()),
);
