// Schemas of single values, from which those of the operations are made.

import * as v from "valibot";
import { shortestDecimal } from "../../shared/arithmetic/decimal.ts";
import { MAX_SEED_LENGTH } from "../../shared/arithmetic/random.ts";
import { formatColour, parseColour } from "../../shared/image/colour.ts";
import { WEIGHTS } from "../../shared/image/ink/hand.ts";
import { PICTURE_FORMATS, type PictureFormat } from "../../shared/image/picture-format.ts";
import { MAX_GUIDANCE } from "../../shared/latent/flow/spec.ts";
import { MAX_GROUP_SEED_LENGTH, MAX_WAYPOINTS } from "../../shared/limits.ts";

/** Longest name in a path; real ones are shorter. */
export const MAX_NAME_LENGTH = 64;
/** Most numbers in a latent or grid of codes in an address, far above any model's. */
const MAX_LATENT = 256;
/** Far outside what any decoder was trained on. */
const MAX_LATENT_VALUE = 100;

const hasLength = (text: string, most = MAX_SEED_LENGTH) => text !== "" && [...text].length <= most;

/** Values as written in an address, the best first. */
type Examples = readonly (string | number | boolean)[];

/** JSON Schema keywords for what is checked by code. */
const limits = <Value = string>(keywords: Readonly<Record<string, unknown>>) =>
  v.metadata<Value, { readonly limits: typeof keywords }>({ limits: keywords });

/**
 * Describes a parameter for the OpenAPI document; replaces an earlier description.
 * @param description  one or more sentences
 */
export const parameter = <Schema extends v.GenericSchema>(
  schema: Schema,
  description: string,
  examples?: Examples,
) => v.pipe(schema, v.metadata({ description, ...(examples && { examples }) }));

/** 1 to `most` characters. */
export const textUpTo = (most: number) =>
  v.pipe(
    v.string(),
    v.check((text) => hasLength(text, most), `expected 1 to ${most} characters`),
    limits({ minLength: 1, maxLength: most }),
  );
export const seed = textUpTo(MAX_SEED_LENGTH);
/** Seed of several digits: each is drawn from its own, seed/0, seed/1, ..., which /sample takes too. */
export const seedOfMany = textUpTo(MAX_GROUP_SEED_LENGTH);

export const modelReference = v.pipe(
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

export const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^(0|-?[1-9]\d{0,8})$/, `expected a whole number from ${min} to ${max}`),
    v.transform(Number),
    // The OpenAPI document shows the type from here on.
    v.number(),
    v.integer(),
    v.minValue(min, `expected a whole number from ${min} to ${max}`),
    v.maxValue(max, `expected a whole number from ${min} to ${max}`),
  );

export const digitsUpTo = (most: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^[0-9]{1,${most}}$`), `expected 1 to ${most} digits, such as 0123456789`),
  );

export const trueOrFalse = v.pipe(
  v.picklist(["true", "false"], "expected true or false"),
  v.transform((text) => text === "true"),
);

/** Scale of the spread about the mean: 0 is the most typical digit, 1 the model's own variety. */
export const temperature = v.pipe(
  v.string(),
  v.regex(/^([01](\.\d{1,4})?|2(\.0{1,4})?)$/, "expected a number from 0 to 2 with at most 4 decimals"),
  v.transform(Number),
  v.number(),
  v.minValue(0),
  v.maxValue(2),
  limits<number>({ multipleOf: 0.0001 }),
);

/** How far classes are driven apart. */
export const guidance = v.pipe(
  v.string(),
  v.regex(
    /^0(\.([0-4]\d{0,3}|50{0,3}))?$/,
    `expected a number from 0 to ${MAX_GUIDANCE} with at most 4 decimals`,
  ),
  v.transform(Number),
  v.number(),
  v.minValue(0),
  v.maxValue(MAX_GUIDANCE),
  limits<number>({ multipleOf: 0.0001 }),
);

/** How much ink, as a multiple of the decoder's own. */
export const weight = v.pipe(
  v.string(),
  v.regex(
    /^(0\.[7-9]\d?|1(\.([0-5]\d?|60?))?)$/,
    `expected a number from ${WEIGHTS.min} to ${WEIGHTS.max} with at most 2 decimals`,
  ),
  v.transform(Number),
  v.number(),
  v.minValue(WEIGHTS.min),
  v.maxValue(WEIGHTS.max),
  limits<number>({ multipleOf: 0.01 }),
);

/** A colour in one spelling, so that a picture has one pinned address. */
export const colour = v.pipe(
  v.string(),
  v.regex(/^([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/, 'expected 3 or 6 hex digits without "#", such as ff8800'),
  v.transform((text) => formatColour(parseColour(text))),
);

const COLOUR_OR_TRANSPARENT = "expected 3 or 6 hex digits, or transparent";
export const colourOrTransparent = v.union([v.literal("transparent"), colour], COLOUR_OR_TRANSPARENT);

/** See shared/image/picture-format.ts. */
export const pictureFormat = v.pipe(
  v.picklist(
    PICTURE_FORMATS.map(String),
    `expected the number of a picture format, of which there are: ${PICTURE_FORMATS.join(", ")}`,
  ),
  v.transform((text) => Number(text) as PictureFormat),
);

const NO_COMMA = "[^,\\s]([^,]*[^,\\s])?";
const EXPECTED_SEEDS = `expected up to ${MAX_WAYPOINTS} comma-separated seeds of 1 to ${MAX_SEED_LENGTH} characters, without leading or trailing spaces`;

/** Seeds without commas. */
export const seeds = v.pipe(
  v.string(),
  v.regex(new RegExp(`^${NO_COMMA}(,${NO_COMMA}){0,${MAX_WAYPOINTS - 1}}$`), EXPECTED_SEEDS),
  v.transform((text) => text.split(",")),
  v.check((list) => list.every((text) => hasLength(text)), EXPECTED_SEEDS),
);

const CODE = "(0|[1-9]\\d{0,4})";

/** Comma-separated numbers. */
const numbers = (item: string, expected: string) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^${item}(,${item})*$`), expected),
    v.transform((text) => text.split(",").map(Number)),
    v.check((list) => list.length <= MAX_LATENT, expected),
  );

/** Codes of a grid, row by row; their count and range depend on the model. */
export const codes = numbers(CODE, "expected comma-separated whole numbers, such as 3,0,17");

/** A decimal number below 1,000. */
const LATENT_VALUE = "-?(0|[1-9]\\d{0,2})(\\.\\d{1,24})?([eE][+-]?\\d{1,2})?";
const EXPECTED_LATENT = `expected comma-separated numbers from -${MAX_LATENT_VALUE} to ${MAX_LATENT_VALUE}, such as 0.5,-1.25`;

/** Rounded to float32 and in the shortest spelling, so that a latent has one pinned address. */
export const latent = v.pipe(
  numbers(LATENT_VALUE, EXPECTED_LATENT),
  v.check((list) => list.every((value) => Math.abs(value) <= MAX_LATENT_VALUE), EXPECTED_LATENT),
  v.transform((list) => list.map(shortestDecimal)),
);
