// What the query strings may hold: one schema per route. Strict: an unknown, repeated or out-of-range parameter is
// refused by name, and nothing is clamped.

import { closestMatch } from "leven";
import * as v from "valibot";
import { shortestDecimal } from "../shared/decimal.ts";
import { formatColour, parseColour } from "../shared/image/colour.ts";
import { MAX_SIZE } from "../shared/image/scale.ts";
import { MEMBER_SEED_SUFFIX } from "../shared/latent.ts";
import { MAX_SEED_LENGTH } from "../shared/random.ts";
import { InvalidParameterError } from "./problems.ts";

/** A longer name is no slip of the pen, and comparing it would cost by its length. */
const MAX_NAME_LENGTH = 32;
/** Digits that one picture shows at most, of a grid or a walk. */
export const MAX_DIGITS = 64;
export const MAX_WAYPOINTS = 16;
export const FRAMES_PER_SECOND = "12";
/** Numbers that a latent in an address has at most, far above any model's. */
const MAX_LATENT = 256;
/** Far outside of all that a decoder has been trained on. */
const MAX_LATENT_VALUE = 100;

const isSeed = (text: string, most = MAX_SEED_LENGTH) => text !== "" && [...text].length <= most;

const seedOf = (most: number) =>
  v.pipe(
    v.string(),
    v.check((text) => isSeed(text, most), `expected 1 to ${most} characters`),
  );
const seed = seedOf(MAX_SEED_LENGTH);
/** Each digit is drawn from a seed of its own, seed/0, seed/1, ..., that /sample takes too. */
const seedOfMany = seedOf(MAX_SEED_LENGTH - MEMBER_SEED_SUFFIX);

const model = v.pipe(
  v.string(),
  v.regex(
    /^[a-z][a-z0-9-]{0,31}(@[0-9a-f]{12})?$/,
    "expected a model's name, or name@version with 12 hex digits",
  ),
  v.transform((text) => {
    const [name, version] = text.split("@");
    return { name: name!, version };
  }),
);

const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^(0|-?[1-9]\d{0,8})$/, `expected a whole number from ${min} to ${max}`),
    v.transform(Number),
    // From here on as the OpenAPI document has it.
    v.number(),
    v.integer(),
    v.minValue(min, `expected a whole number from ${min} to ${max}`),
    v.maxValue(max, `expected a whole number from ${min} to ${max}`),
  );

const digit = v.optional(wholeNumber(0, 9));

const digitsUpTo = (most: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^[0-9]{1,${most}}$`), `expected 1 to ${most} digits, such as 0123456789`),
  );

const flag = v.optional(
  v.pipe(
    v.picklist(["true", "false"], "expected true or false"),
    v.transform((text) => text === "true"),
  ),
  "false",
);

/** JSON tells the model, and each digit's seed, class and latent too. */
const details = flag;

/** Spread about the mean: 0 is the most typical, 1 the model's own, up to 2. */
const temperature = v.pipe(
  v.string(),
  v.regex(/^([01](\.\d{1,4})?|2(\.0{1,4})?)$/, "expected a number from 0 to 2 with at most 4 decimals"),
  v.transform(Number),
  v.number(),
  v.minValue(0),
  v.maxValue(2),
);

/** How latents are drawn; every route that draws from seeds has these. */
const sampling = {
  /** The release's mixture per digit (the default where it has one), or N(0, I). */
  sampler: v.optional(v.picklist(["mixture", "prior"], "expected mixture or prior")),
  /** Spread about the mean: 0 is the most typical, 1 the model's own, up to 2. */
  temperature: v.optional(temperature, "1"),
};

/** A colour, always spelled in the same way, so that one picture has one pinned address. */
const colour = v.pipe(
  v.string(),
  v.regex(/^([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/, 'expected 3 or 6 hex digits without "#", such as ff8800'),
  v.transform((text) => formatColour(parseColour(text))),
);

/** How a picture is drawn; every route that draws has these. */
const drawing = {
  /** Side of a digit, pixels. */
  size: v.optional(wholeNumber(28, MAX_SIZE), "28"),
  /** Colour of the ink. */
  fg: v.optional(colour, "ffffff"),
  /** Colour of the ground, or transparent. */
  bg: v.optional(
    v.union([v.literal("transparent"), colour], "expected 3 or 6 hex digits, or transparent"),
    "000000",
  ),
};

const pngSvgJson = v.optional(v.picklist(["png", "svg", "json"], "expected png, svg or json"), "png");

export const SampleQuery = v.strictObject({
  /** Which digit; without it a random one, told in X-Seed. */
  seed: v.optional(seed),
  /** Which digit it shows; needs a release with a mixture. */
  digit,
  ...sampling,
  ...drawing,
  /** A picture of pixels, one of outlines, or the grey levels. */
  format: pngSvgJson,
  details,
  /** Which model; without it the catalog's default. */
  model: v.optional(model),
});

/** Seeds parted by commas; one that holds a comma cannot stand here. */
const seeds = v.pipe(
  v.string(),
  v.transform((text) => text.split(",")),
  v.check(
    (list) => list.length <= MAX_WAYPOINTS && list.every((text) => isSeed(text) && text.trim() === text),
    `expected up to ${MAX_WAYPOINTS} seeds parted by commas, each of 1 to ${MAX_SEED_LENGTH} characters, no space at its ends`,
  ),
);

export const InterpolateQuery = v.strictObject({
  /** Seeds of the walk's ends; or give `seeds`. */
  from: v.optional(seed),
  to: v.optional(seed),
  /** Which digits the ends show; needs a release with a mixture. */
  fromDigit: digit,
  toDigit: digit,
  /** Instead of from and to: the seeds of 2 to 16 waypoints, parted by commas; or one for all, with `digits`. */
  seeds: v.optional(seeds),
  /** With `seeds`: which digit each waypoint shows, such as 385; or one for all. */
  digits: v.optional(digitsUpTo(MAX_WAYPOINTS)),
  ...sampling,
  /**
   * Number of digits from one waypoint to the next, both included: 8, or fewer where the walk would be longer than
   * 64 digits.
   */
  steps: v.optional(wholeNumber(2, 32)),
  /** Along the arc between latents, or straight. */
  path: v.optional(v.picklist(["slerp", "lerp"], "expected slerp or lerp"), "slerp"),
  /** Back to the first waypoint, which is not drawn again. */
  loop: flag,
  ...drawing,
  /** A strip of all digits side by side, an animation that loops, or the grey levels of each. */
  format: v.optional(v.picklist(["png", "apng", "json"], "expected png, apng or json"), "png"),
  /** Frames per second of the animation. */
  fps: v.optional(wholeNumber(1, 60), FRAMES_PER_SECOND),
  details,
  model: v.optional(model),
});

export const GridQuery = v.strictObject({
  /** The digits' seeds are seed/0, seed/1, ... row by row; without it a random one, told in X-Seed. */
  seed: v.optional(seedOfMany),
  /** Rows: as many as `digits`, or 6; at most 64 digits in all. */
  rows: v.optional(wholeNumber(1, MAX_DIGITS)),
  /** Digits in each row. */
  cols: v.optional(wholeNumber(1, MAX_DIGITS), "6"),
  /** Which digit all show; needs a release with a mixture. */
  digit,
  /** Which digit each row shows, from the top, and again from the first: 0123456789 is a row for each. */
  digits: v.optional(digitsUpTo(MAX_DIGITS)),
  ...sampling,
  ...drawing,
  /** A picture of pixels, one of outlines, or the grey levels of each digit with its seed, class and latent. */
  format: pngSvgJson,
  model: v.optional(model),
});

export const NumberPath = v.strictObject({
  /** The number, written as it is to be read: 1 to 32 digits, leading zeros too. */
  digits: digitsUpTo(32),
});

export const NumberQuery = v.strictObject({
  /** The digits' seeds are seed/0, seed/1, ... from the left; without it a random one, told in X-Seed. */
  seed: v.optional(seedOfMany),
  /** By their ink, as in a hand, or each in a square of its own. */
  layout: v.optional(v.picklist(["ink", "squares"], "expected ink or squares"), "ink"),
  /** Ground added between neighbours, in 28ths of the height; below 0 they move together and touch. */
  spacing: v.optional(wholeNumber(-6, 28), "0"),
  /** A number takes the mixture, which knows the classes. */
  sampler: v.optional(v.literal("mixture", "expected mixture, which alone knows the digits"), "mixture"),
  /** Spread about each digit's mean. Lower than elsewhere by default: one digit misread is a number misread. */
  temperature: v.optional(temperature, "0.6"),
  /** `size` is the height of the picture. */
  ...drawing,
  /** A picture of pixels, one of outlines, or the grey levels with each digit's place, seed and latent. */
  format: pngSvgJson,
  model: v.optional(model),
});

export const ManifoldQuery = v.strictObject({
  /** Digits per side. */
  cells: v.optional(wholeNumber(2, 16), "12"),
  ...drawing,
  /** A picture of pixels, or the grey levels of each digit with its latent. */
  format: v.optional(v.picklist(["png", "json"], "expected png or json"), "png"),
  /** Which model, of latent dimension 2; without it the catalog's default. */
  model: v.optional(model),
});

/** A decimal number below 1,000. */
const LATENT_VALUE = /^-?(0|[1-9]\d{0,2})(\.\d{1,24})?([eE][+-]?\d{1,2})?$/;
const isLatentText = (text: string) => {
  const items = text.split(",");
  return (
    items.length <= MAX_LATENT &&
    items.every((item) => LATENT_VALUE.test(item) && Math.abs(Number(item)) <= MAX_LATENT_VALUE)
  );
};

/** Rounded to float32 and spelled as shortly as that allows, so that one latent has one pinned address. */
const latent = v.pipe(
  v.string(),
  v.check(
    isLatentText,
    `expected numbers from -${MAX_LATENT_VALUE} to ${MAX_LATENT_VALUE} parted by commas, such as 0.5,-1.25`,
  ),
  v.transform((text) => text.split(",").map((item) => shortestDecimal(Number(item)))),
);

export const DecodeQuery = v.strictObject({
  /** The latent: as many numbers as the model has latent dimensions, parted by commas. */
  z: latent,
  ...drawing,
  format: pngSvgJson,
  model: v.optional(model),
});

export const EncodeQuery = v.strictObject({ model: v.optional(model) });

export const ReconstructQuery = v.strictObject({
  ...drawing,
  /** Input over reconstruction as pixels or as outlines, or the grey levels of each. */
  format: v.optional(v.picklist(["png", "svg", "json"], "expected png, svg or json"), "png"),
  model: v.optional(model),
});

export const NoQuery = v.strictObject({});

/**
 * Parses the query string of a request.
 * @throws InvalidParameterError naming the first parameter at fault
 */
export function parseQuery<Schema extends v.StrictObjectSchema<v.ObjectEntries, undefined>>(
  schema: Schema,
  url: string,
): v.InferOutput<Schema> {
  const start = url.indexOf("?");
  const given = start < 0 ? [] : [...new URLSearchParams(url.slice(start + 1))];
  const known = Object.keys(schema.entries);
  for (const [name, value] of given) {
    // URLSearchParams puts U+FFFD where bytes are not UTF-8, which would draw one digit for many addresses.
    if (value.includes("\ufffd")) {
      throw new InvalidParameterError(
        name,
        `parameter "${name}" is not UTF-8, or holds the character U+FFFD`,
      );
    }
    if (!known.includes(name)) throw new InvalidParameterError(name, unknownParameter(name, known));
    if (given.filter(([other]) => other === name).length > 1) {
      throw new InvalidParameterError(name, `parameter "${name}" is given more than once`);
    }
  }
  const result = v.safeParse(schema, Object.fromEntries(given));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const name = String(issue.path?.[0]?.key);
  const found = given.find(([other]) => other === name)?.[1];
  throw new InvalidParameterError(
    name,
    found === undefined
      ? `parameter "${name}" is missing`
      : `parameter "${name}": ${issue.message}, found "${found}"`,
  );
}

/** Which of the known names was meant, where one is near: half of the letters may differ. */
function unknownParameter(name: string, known: readonly string[]): string {
  const allowed =
    known.length > 0 ? `the parameters are ${known.join(", ")}` : "there are no parameters here";
  const maxDistance = Math.ceil(Math.min(name.length, MAX_NAME_LENGTH) / 2);
  const nearest = name.length > MAX_NAME_LENGTH ? undefined : closestMatch(name, known, { maxDistance });
  const hint = nearest === undefined ? "" : `did you mean "${nearest}"? `;
  return `unknown parameter "${name}"; ${hint}${allowed}`;
}

/**
 * Parses what the path of a number's address holds.
 * @throws InvalidParameterError
 */
export function parseNumber(digits: string): string {
  const result = v.safeParse(NumberPath, { digits });
  if (result.success) return result.output.digits;
  const [{ message }] = result.issues;
  throw new InvalidParameterError("digits", `path parameter "digits": ${message}, found "${digits}"`);
}

/**
 * The parameters that matter to the picture, in the schema's order: defaults left out, and the model, which the pinned
 * address names by version. They are the same for every spelling of a request.
 */
export function canonicalParameters(
  schema: v.StrictObjectSchema<v.ObjectEntries, undefined>,
  values: Readonly<Record<string, unknown>>,
): [string, string][] {
  return Object.entries(schema.entries).flatMap(([name, entry]): [string, string][] => {
    const text = String(values[name]);
    const isDefault = values[name] === undefined || text === v.getDefault(entry as v.GenericSchema);
    return isDefault || name === "model" ? [] : [[name, text]];
  });
}
