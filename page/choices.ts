// What a visitor has chosen: all that the page's address holds, so that a link shows what its sender saw.

import * as v from "valibot";
import { MAX_SEED_LENGTH } from "../shared/arithmetic/random.ts";
import { MAX_SLANT, PLAIN_HAND, WEIGHTS } from "../shared/image/ink/hand.ts";
import { MAX_SIZE } from "../shared/image/scale.ts";
import { MAX_GUIDANCE } from "../shared/latent/flow/spec.ts";
import { MAX_PLACES, MIN_SIZE } from "../shared/limits.ts";

/** Ink on paper; the API's own default is MNIST's white on black. styles/theme.css has the paper too. */
const INK = "1a1b1e";
const PAPER = "fffdf8";

export const FORMATS = ["png", "svg", "json"] as const;
export const SNIPPETS = ["address", "img", "markdown", "react", "curl", "fetch", "client"] as const;

/** Half a character, or the replacement character: the server refuses both. */
const NOT_UTF8 = /[\p{Surrogate}\ufffd]/u;

/** Whether a text can be a seed. */
export function isSeed(text: string): boolean {
  const { length } = [...text];
  return length >= 1 && length <= MAX_SEED_LENGTH && !NOT_UTF8.test(text);
}

const matching = (pattern: RegExp) => v.pipe(v.string(), v.regex(pattern));
const colour = matching(/^[0-9a-f]{6}$/);

/** A number, at the nearest step of its slider. */
const stepped = (least: number, most: number, step: number) =>
  v.pipe(
    matching(/\d/),
    v.transform(Number),
    v.minValue(least),
    v.maxValue(most),
    v.transform((value) => Number((Math.round(value / step) * step).toFixed(4))),
  );

/** Comma-separated numbers, none further from 0 than `most`. */
const numbers = (most: number) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(",").map(Number)),
    v.array(v.pipe(v.number(), v.minValue(-most), v.maxValue(most))),
  );

/** A word; where none is chosen, it is the language's own. */
const word = v.fallback(v.optional(v.pipe(v.string(), v.check(isSeed))), undefined);

/** Reads the address's texts. What is missing, or could not be set by a control, gets its default. */
const ChoicesSchema = v.object({
  seed: word,
  digit: v.fallback(v.optional(v.pipe(matching(/^[0-9]$/), v.transform(Number))), undefined),
  /** A model's name, or name@version; by default the server's. */
  model: v.fallback(v.optional(matching(/^[a-z][a-z0-9-]{0,31}(@[0-9a-f]{12})?$/)), undefined),
  /** Pixels. */
  size: v.fallback(stepped(MIN_SIZE, MAX_SIZE, 1), 280),
  temperature: v.fallback(stepped(0, 2, 0.05), 1),
  /** By default the model's own; undefined too for models without. */
  guidance: v.fallback(v.optional(stepped(0, MAX_GUIDANCE, 0.05)), undefined),
  /** Degrees to the right. */
  slant: v.fallback(stepped(-MAX_SLANT, MAX_SLANT, 1), PLAIN_HAND.slant),
  /** Times as much ink. */
  weight: v.fallback(stepped(WEIGHTS.min, WEIGHTS.max, 0.05), PLAIN_HAND.weight),
  format: v.fallback(v.picklist(FORMATS), "png"),
  ink: v.fallback(colour, INK),
  ground: v.fallback(v.union([v.literal("transparent"), colour]), PAPER),
  snippet: v.fallback(v.picklist(SNIPPETS), "address"),
  /** Whether copied addresses follow the model's newest version, or always give the same picture. */
  newest: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text === "true"),
    ),
    "false",
  ),
  /** The number to write. */
  number: v.fallback(v.pipe(matching(/^[0-9]+$/), v.maxLength(MAX_PLACES)), "314159"),
  /** The mark on the map of a model with two latent dimensions. */
  place: v.fallback(v.optional(v.pipe(numbers(100), v.tuple([v.number(), v.number()]))), undefined),
  /** Standard deviations along each principal direction; by default the seed's own. */
  dials: v.fallback(v.optional(numbers(10)), undefined),
  /** Where a walk from the seed leads. */
  to: word,
});
/** What the address says. */
export type AskedChoices = Readonly<v.InferOutput<typeof ChoicesSchema>>;
/** The same, with words. */
export interface Choices extends AskedChoices {
  readonly seed: string;
  readonly to: string;
}

export const DEFAULTS: AskedChoices = v.parse(ChoicesSchema, {});

/** Reads the query of the page's address. */
export function readChoices(query: string): AskedChoices {
  const given = new URLSearchParams(query);
  return v.parse(ChoicesSchema, Object.fromEntries(given));
}

/** The query that `readChoices` reads back; empty while everything has its default. */
export function writeChoices(choices: AskedChoices): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(ChoicesSchema.entries) as (keyof AskedChoices)[]) {
    const [text, standard] = [choices, DEFAULTS].map((of) => String(of[name] ?? "")) as [string, string];
    if (text !== standard) query.set(name, text);
  }
  return query.toString();
}

const LATENT_CHOICES = ["seed", "digit", "model", "temperature", "guidance"] as const;

/**
 * The choices with a change. The dials are reset when the latent that they start from changes, guidance when the model
 * does: each has its own, and some refuse any.
 */
export function change(choices: AskedChoices, patch: Partial<AskedChoices>): AskedChoices {
  const isOtherLatent = LATENT_CHOICES.some((name) => name in patch);
  return {
    ...choices,
    ...(isOtherLatent && { dials: undefined }),
    ...("model" in patch && { guidance: undefined }),
    ...patch,
  };
}
