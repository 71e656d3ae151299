// GET /interpolate: a walk through latent space, as a strip, an animation or grey levels. Its waypoints are either two ends,
// or lists of seeds and digits; a list of one entry applies to all waypoints.

import * as v from "valibot";
import { MAX_SEED_LENGTH } from "../../shared/arithmetic/random.ts";
import { toJson, writeJson } from "../../shared/image/json.ts";
import type { Renderer } from "../../shared/image/renderer.ts";
import { tileImages } from "../../shared/image/sheet.ts";
import { kindOf } from "../../shared/latent/kind.ts";
import { walkLength } from "../../shared/latent/walk.ts";
import { DEFAULT_FPS, MAX_DIGITS, MAX_WAYPOINTS } from "../../shared/limits.ts";
import type { LoadedModel } from "../models/model-cache.ts";
import { type CardRule, samplingRule } from "./card-rules.ts";
import { checkPixels, describeDraw, describePoint } from "./drawing.ts";
import { details, digit, drawing, model, sampling } from "./parameters.ts";
import { pictureRoute } from "./picture.ts";
import { InvalidParameterError, invalid } from "./problems.ts";
import type { Body } from "./reply.ts";
import { digitsUpTo, parameter, seed, seeds, trueOrFalse, wholeNumber } from "./values.ts";

const DEFAULT_STEPS = 8;

const InterpolateQuery = v.strictObject({
  from: parameter(
    v.optional(seed),
    `Seed of the walk's first digit; or give seeds. Text of 1 to ${MAX_SEED_LENGTH} characters.`,
    ["ada"],
  ),
  to: parameter(
    v.optional(seed),
    `Seed of the walk's last digit. Text of 1 to ${MAX_SEED_LENGTH} characters.`,
    ["grace"],
  ),
  fromDigit: parameter(digit, "Which digit the walk begins with.", [3]),
  toDigit: parameter(digit, "Which digit the walk ends with.", [8]),
  seeds: parameter(
    v.optional(seeds),
    `Instead of from and to: 2 to ${MAX_WAYPOINTS} comma-separated seeds, one per waypoint, without leading or trailing spaces; or one seed for all, with digits.`,
    ["ada,grace,alan", "ada"],
  ),
  digits: parameter(
    v.optional(digitsUpTo(MAX_WAYPOINTS)),
    "With seeds: which digit each waypoint shows; or one for all.",
    ["385", "7"],
  ),
  ...sampling,
  steps: parameter(
    v.optional(wholeNumber(2, 32)),
    `Number of digits from one waypoint to the next, both included: ${DEFAULT_STEPS}, or fewer where the walk would be longer than ${MAX_DIGITS} digits.`,
    [16, 2, 32],
  ),
  path: parameter(
    v.optional(v.picklist(["slerp", "lerp"], "expected slerp or lerp"), "slerp"),
    "Along the arc between latents (slerp), or straight (lerp). Embeddings of codes have no arc: between them both are straight.",
    ["lerp"],
  ),
  loop: parameter(v.optional(trueOrFalse, "false"), "Back to the first waypoint, which is not drawn again.", [
    true,
  ]),
  ...drawing,
  format: parameter(
    v.optional(v.picklist(["png", "apng", "json"], "expected png, apng or json"), "png"),
    "All digits side by side, an animation, or the grey levels of each.",
    ["apng", "json"],
  ),
  fps: parameter(
    v.optional(wholeNumber(1, 60), String(DEFAULT_FPS)),
    "Frames per second; with format=apng only.",
    [24, 1, 60],
  ),
  details,
  model,
});

type WalkQuery = v.InferOutput<typeof InterpolateQuery>;

interface Waypoint {
  readonly seed: string;
  readonly digit?: number | undefined;
}

interface WalkPlan {
  /** 2 to 16. */
  readonly waypoints: readonly Waypoint[];
  /** Latents from one waypoint to the next, inclusive. */
  readonly steps: number;
  /** It is what a request without `steps` gets. */
  readonly isDefault: boolean;
}

export const interpolate = pictureRoute({
  path: "/interpolate",
  query: InterpolateQuery,
  plan: (query, given) => {
    const plan = planWalk(query, given);
    const work = (steps: number) => {
      const frames = walkLength(plan.waypoints.length, { ...query, steps });
      return { draws: plan.waypoints.length, walk: frames, digits: frames };
    };
    checkPixels(work(plan.steps).digits, query);
    const digits = plan.waypoints.flatMap(({ digit }) => (digit === undefined ? [] : [digit]));
    return {
      canonical: canonicalWalk(query, plan),
      seed: plan.waypoints[0]!.seed,
      rule: walkRule(query, digits),
      digits,
      work: work(plan.steps),
      levers: [{ parameter: "steps", value: plan.steps, least: 2, work }],
      draw: (model, name, renderer) => drawWalk(query, plan, model, name, renderer),
    };
  },
});

/**
 * Combines a walk's parameters into waypoints and steps, before anything is drawn.
 * @param given  names of the request's parameters
 * @throws InvalidParameterError naming the invalid parameter
 */
function planWalk(query: WalkQuery, given: ReadonlySet<string>): WalkPlan {
  const { format, loop } = query;
  if (format !== "apng" && given.has("fps")) {
    throw invalid("fps", `applies to format=apng only, found format=${format}`);
  }
  const waypoints = query.seeds === undefined && query.digits === undefined ? ends(query) : listed(query);
  const legs = loop ? waypoints.length : waypoints.length - 1;
  const mostSteps = Math.floor((MAX_DIGITS - (loop ? 0 : 1)) / legs) + 1;
  const defaultSteps = Math.min(DEFAULT_STEPS, mostSteps);
  const { steps = defaultSteps } = query;
  if (steps > mostSteps) {
    throw invalid(
      "steps",
      `steps=${steps} over ${legs} legs gives more than ${MAX_DIGITS} frames; use steps <= ${mostSteps}`,
    );
  }
  return { waypoints, steps, isDefault: steps === defaultSteps };
}

/** A walk's parameters in one spelling: two waypoints by name, more as lists, without those that change nothing. */
function canonicalWalk(query: WalkQuery, { waypoints, steps, isDefault }: WalkPlan): Record<string, unknown> {
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
    steps: isDefault ? undefined : steps,
    // Two steps have nothing in between.
    path: steps === 2 ? undefined : query.path,
  };
}

function ends({ from, to, fromDigit, toDigit }: WalkQuery): Waypoint[] {
  if (from === undefined) throw new InvalidParameterError("from", `parameter "from" or "seeds" is missing`);
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
    throw invalid(name, `give the waypoints as "seeds" and "digits" or as "from" and "to", not as both`);
  }
  if (seeds === undefined) throw new InvalidParameterError("seeds", `parameter "seeds" is missing`);
  const count = Math.max(seeds.length, digits?.length ?? 1);
  if (count < 2) throw invalid("seeds", `expected 2 to ${MAX_WAYPOINTS} seeds, or one and several "digits"`);
  if (seeds.length !== 1 && seeds.length !== count) {
    throw invalid("seeds", `expected 1 or as many as the ${count} "digits", found ${seeds.length}`);
  }
  if (digits !== undefined && digits.length !== 1 && digits.length !== count) {
    throw invalid("digits", `expected 1 or as many as the ${count} "seeds", found ${digits.length}`);
  }
  return Array.from({ length: count }, (_, i) => ({
    seed: seeds[seeds.length === 1 ? 0 : i]!,
    digit: digits === undefined ? undefined : Number(digits[digits.length === 1 ? 0 : i]),
  }));
}

function walkRule(query: WalkQuery, digits: readonly number[]): CardRule | undefined {
  const sampling = samplingRule(query, digits);
  if (!sampling && query.path === "slerp") return undefined;
  return (card, model) => [
    ...(sampling?.(card, model) ?? []),
    // Where a kind offers one path, every path is that one.
    ...(kindOf(card.spec).paths.length === 1 ? ["path"] : []),
  ];
}

/** The reply's body for checked parameters. */
function drawWalk(
  query: WalkQuery,
  plan: WalkPlan,
  { decoder, latent }: LoadedModel,
  model: string,
  { scale, png, apng }: Renderer,
): Body {
  const { sampler, temperature, guidance } = query;
  const draws = latent.drawAll(plan.waypoints.map((one) => ({ ...one, sampler, temperature, guidance })));
  const points = latent.walk(draws, { ...query, ...plan });
  const frames = decoder.images(points.map(({ latent }) => latent)).map((digit) => scale(digit));
  switch (query.format) {
    case "png":
      return png(tileImages(frames, frames.length));
    case "apng":
      return apng(frames, query.fps);
    case "json":
      if (!query.details) return writeJson({ frames: frames.map(toJson) });
      return writeJson({
        model,
        waypoints: draws.map(describeDraw),
        frames: frames.map((frame, i) => ({ ...describePoint(points[i]!), ...toJson(frame) })),
      });
  }
}
