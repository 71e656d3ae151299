// From the parameters of a walk to its waypoints: either two ends, or lists of seeds and digits of which one entry
// stands for all.

import type { InferOutput } from "valibot";
import type { Path } from "../../shared/latent/gaussian.ts";
import type { InterpolateQuery } from "./params.ts";
import { InvalidParameterError } from "./problems.ts";
import { MAX_DIGITS, MAX_WAYPOINTS } from "./values.ts";

const DEFAULT_STEPS = 8;

export type WalkQuery = InferOutput<typeof InterpolateQuery>;

export interface Waypoint {
  readonly seed: string;
  readonly digit?: number | undefined;
}

export interface WalkPlan {
  /** 2 to 16. */
  readonly waypoints: readonly Waypoint[];
  /** Latents from one waypoint to the next, both included. */
  readonly steps: number;
  /** Those that a request without steps gets. */
  readonly hasDefaultSteps: boolean;
  readonly path: Path;
  readonly loop: boolean;
}

/**
 * Makes sense of a walk's parameters together, before anything is drawn.
 * @param given  names of the request's parameters
 * @throws InvalidParameterError naming the parameter at fault
 */
export function planWalk(query: WalkQuery, given: ReadonlySet<string>): WalkPlan {
  const { format, path, loop } = query;
  if (format !== "apng" && given.has("fps")) {
    throw refuse("fps", `applies to format=apng only, found format=${format}`);
  }
  const waypoints = query.seeds === undefined && query.digits === undefined ? ends(query) : listed(query);
  const legs = loop ? waypoints.length : waypoints.length - 1;
  const mostSteps = Math.floor((MAX_DIGITS - (loop ? 0 : 1)) / legs) + 1;
  const defaultSteps = Math.min(DEFAULT_STEPS, mostSteps);
  const { steps = defaultSteps } = query;
  if (steps > mostSteps) {
    throw refuse(
      "steps",
      `${steps} steps on each of ${legs} ways are too many; at most ${mostSteps} there, and ${MAX_DIGITS} digits in all`,
    );
  }
  return { waypoints, steps, hasDefaultSteps: steps === defaultSteps, path, loop };
}

/** A walk's parameters in one spelling: two ends by name, more as lists, and nothing that changes no digit. */
export function canonicalWalk(query: WalkQuery, plan: WalkPlan): Record<string, unknown> {
  const { waypoints, steps, hasDefaultSteps, path } = plan;
  const [first, second] = waypoints;
  const inLists = waypoints.length > 2;
  const digits = waypoints.map(({ digit }) => digit);
  const isOneSeed = waypoints.every(({ seed }) => seed === first!.seed) && digits[0] !== undefined;
  const isOneDigit = digits.every((digit) => digit === digits[0]) && !isOneSeed;
  const lists = {
    seeds: isOneSeed ? first!.seed : waypoints.map(({ seed }) => seed),
    digits: isOneDigit ? digits[0] : digits.join(""),
  };
  const ends = { from: first!.seed, to: second!.seed, fromDigit: first!.digit, toDigit: second!.digit };
  return {
    ...query,
    ...{ from: undefined, to: undefined, fromDigit: undefined, toDigit: undefined },
    ...{ seeds: undefined, digits: undefined },
    ...(inLists ? lists : ends),
    steps: hasDefaultSteps ? undefined : steps,
    // Between two neighbours nothing is drawn.
    path: steps === 2 ? undefined : path,
  };
}

function ends({ from, to, fromDigit, toDigit }: WalkQuery): Waypoint[] {
  if (from === undefined) throw new InvalidParameterError("from", `parameter "from" is missing, or "seeds"`);
  if (to === undefined) throw new InvalidParameterError("to", `parameter "to" is missing`);
  return [
    { seed: from, digit: fromDigit },
    { seed: to, digit: toDigit },
  ];
}

function listed(query: WalkQuery): Waypoint[] {
  const { seeds, digits } = query;
  for (const name of ["from", "to", "fromDigit", "toDigit"] as const) {
    if (query[name] === undefined) continue;
    throw refuse(name, `the ends of a walk are in "seeds" and "digits" or in "from" and "to", not in both`);
  }
  if (seeds === undefined) throw new InvalidParameterError("seeds", `parameter "seeds" is missing`);
  const count = Math.max(seeds.length, digits?.length ?? 1);
  if (count < 2) throw refuse("seeds", `expected 2 to ${MAX_WAYPOINTS} seeds, or one and several "digits"`);
  if (seeds.length !== 1 && seeds.length !== count) {
    throw refuse("seeds", `expected 1 or as many as the ${count} "digits", found ${seeds.length}`);
  }
  if (digits !== undefined && digits.length !== 1 && digits.length !== count) {
    throw refuse("digits", `expected 1 or as many as the ${count} "seeds", found ${digits.length}`);
  }
  return Array.from({ length: count }, (_, i) => ({
    seed: seeds[seeds.length === 1 ? 0 : i]!,
    digit: digits === undefined ? undefined : Number(digits[digits.length === 1 ? 0 : i]),
  }));
}

const refuse = (name: string, message: string) =>
  new InvalidParameterError(name, `parameter "${name}": ${message}`);
