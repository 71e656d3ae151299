// Refuses a request that costs more than the operator allows, before it starts, and says which parameters would fit.

import * as v from "valibot";
import { MIN_SIZE } from "../../shared/limits.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import { costOf, type Work } from "./cost.ts";
import { OverBudgetError } from "./problems.ts";

/** A parameter that lowers the cost. */
export interface Lever {
  readonly parameter: string;
  /** After the value, for messages. */
  readonly unit?: string;
  /** As requested, a whole number. */
  readonly value: number;
  readonly least: number;
  /** What changes with another value. */
  readonly work: (value: number) => Partial<Work>;
}

/** @throws OverBudgetError */
export type Budget = (spec: ModelSpec, work: Work, levers: readonly Lever[]) => void;

/** Fewer pixels. */
export function sizeLever(size: number): Lever {
  return { parameter: "size", value: size, least: MIN_SIZE, work: (value) => ({ size: value }) };
}

/** The operator's setting: what one request may cost, in digits of `cnn`, or "none". */
export const BudgetSetting = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform(String),
  v.regex(/^(none|[1-9]\d{1,5})$/, 'BUDGET must be a whole number from 10 to 999999, or "none"'),
  v.transform((text) => (text === "none" ? Number.POSITIVE_INFINITY : Number(text))),
);

/** @param most  in digits of the `cnn` preset, see costOf */
export function createBudget(most: number): Budget {
  return (spec, work, levers) => {
    const cost = costOf(spec, work);
    if (cost <= most) return;
    const fitting = levers.flatMap(({ parameter, unit = "", value, least, work: change }) => {
      const largest = largestThat(least, value - 1, (other) => {
        return costOf(spec, { ...work, ...change(other) }) <= most;
      });
      return largest === undefined ? [] : [{ parameter, text: `${parameter} <= ${largest}${unit}` }];
    });
    const advice = fitting.length > 0 ? fitting.map(({ text }) => text).join(" or ") : "another model";
    throw new OverBudgetError(
      (fitting[0] ?? levers[0])?.parameter ?? "model",
      `the request costs as much as ${Math.ceil(cost)} digits of the cnn model, expected at most ${most}; use ${advice}`,
    );
  };
}

/** The largest whole number in a range that satisfies what smaller ones satisfy too; undefined if none does. */
function largestThat(least: number, most: number, satisfies: (value: number) => boolean): number | undefined {
  let [low, high] = [least - 1, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (satisfies(middle)) low = middle;
    else high = middle - 1;
  }
  return low < least ? undefined : low;
}
