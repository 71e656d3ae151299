// What the query strings may hold: one schema per route. Strict: an unknown, repeated or out-of-range parameter is
// refused by name, and nothing is clamped.

import { closestMatch } from "leven";
import * as v from "valibot";
import { formatColour, parseColour } from "../shared/image/colour.ts";
import { MAX_SIZE } from "../shared/image/scale.ts";
import { MAX_SEED_LENGTH } from "../shared/random.ts";
import { InvalidParameterError } from "./problems.ts";

/** A longer name is no slip of the pen, and comparing it would cost by its length. */
const MAX_NAME_LENGTH = 32;

const seed = v.pipe(
  v.string(),
  v.check(
    (text) => text !== "" && [...text].length <= MAX_SEED_LENGTH,
    `expected 1 to ${MAX_SEED_LENGTH} characters`,
  ),
);

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
    v.regex(/^(0|[1-9]\d{0,8})$/, `expected a whole number from ${min} to ${max}`),
    v.transform(Number),
    // From here on as the OpenAPI document has it.
    v.number(),
    v.integer(),
    v.minValue(min, `expected a whole number from ${min} to ${max}`),
    v.maxValue(max, `expected a whole number from ${min} to ${max}`),
  );

const digit = v.optional(wholeNumber(0, 9));

/** How latents are drawn; every route that draws from seeds has these. */
const sampling = {
  /** The release's mixture per digit (the default where it has one), or N(0, I). */
  sampler: v.optional(v.picklist(["mixture", "prior"], "expected mixture or prior")),
  /** Spread about the mean: 0 is the most typical, 1 the model's own, up to 2. */
  temperature: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^([01](\.\d{1,4})?|2(\.0{1,4})?)$/, "expected a number from 0 to 2 with at most 4 decimals"),
      v.transform(Number),
      v.number(),
      v.minValue(0),
      v.maxValue(2),
    ),
    "1",
  ),
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

export const SampleQuery = v.strictObject({
  /** Which digit; without it a random one, told in X-Seed. */
  seed: v.optional(seed),
  /** Which digit it shows; needs a release with a mixture. */
  digit,
  ...sampling,
  ...drawing,
  /** A picture of pixels, one of outlines, or the grey levels. */
  format: v.optional(v.picklist(["png", "svg", "json"], "expected png, svg or json"), "png"),
  /** Which model; without it the catalog's default. */
  model: v.optional(model),
});

export const InterpolateQuery = v.strictObject({
  /** Seeds of the walk's ends. */
  from: seed,
  to: seed,
  /** Which digits they show. */
  fromDigit: digit,
  toDigit: digit,
  ...sampling,
  /** Number of digits, ends included. */
  steps: v.optional(wholeNumber(2, 32), "8"),
  ...drawing,
  /** A strip of all digits side by side, an animation that loops, or the grey levels of each. */
  format: v.optional(v.picklist(["png", "apng", "json"], "expected png, apng or json"), "png"),
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
