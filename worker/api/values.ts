// What one parameter may hold, as every schema of params.ts has it.

import * as v from "valibot";
import { shortestDecimal } from "../../shared/arithmetic/decimal.ts";
import { MAX_SEED_LENGTH } from "../../shared/arithmetic/random.ts";
import { formatColour, parseColour } from "../../shared/image/colour.ts";
import { PICTURE_FORMATS, type PictureFormat } from "../../shared/image/picture-format.ts";
import { MAX_SIZE } from "../../shared/image/scale.ts";
import { MEMBER_SEED_SUFFIX } from "../../shared/latent/gaussian.ts";

/** Digits that one picture shows at most, of a grid or a walk. */
export const MAX_DIGITS = 64;
export const MAX_WAYPOINTS = 16;
/** Characters of a name in a path at most, more than any has. */
export const MAX_NAME_LENGTH = 64;
/** Numbers that a latent in an address has at most, far above any model's. */
const MAX_LATENT = 256;
/** Far outside of all that a decoder has been trained on. */
const MAX_LATENT_VALUE = 100;

const isSeed = (text: string, most = MAX_SEED_LENGTH) => text !== "" && [...text].length <= most;

/** Of 1 to `most` characters. */
export const textUpTo = (most: number) =>
  v.pipe(
    v.string(),
    v.check((text) => isSeed(text, most), `expected 1 to ${most} characters`),
  );
export const seed = textUpTo(MAX_SEED_LENGTH);
/** Each digit is drawn from a seed of its own, seed/0, seed/1, ..., that /sample takes too. */
export const seedOfMany = textUpTo(MAX_SEED_LENGTH - MEMBER_SEED_SUFFIX);

export const model = v.pipe(
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
    // From here on as the OpenAPI document has it.
    v.number(),
    v.integer(),
    v.minValue(min, `expected a whole number from ${min} to ${max}`),
    v.maxValue(max, `expected a whole number from ${min} to ${max}`),
  );

export const digit = v.optional(wholeNumber(0, 9));

export const digitsUpTo = (most: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^[0-9]{1,${most}}$`), `expected 1 to ${most} digits, such as 0123456789`),
  );

export const flag = v.optional(
  v.pipe(
    v.picklist(["true", "false"], "expected true or false"),
    v.transform((text) => text === "true"),
  ),
  "false",
);

/** Spread about the mean: 0 is the most typical, 1 the model's own, up to 2. */
export const temperature = v.pipe(
  v.string(),
  v.regex(/^([01](\.\d{1,4})?|2(\.0{1,4})?)$/, "expected a number from 0 to 2 with at most 4 decimals"),
  v.transform(Number),
  v.number(),
  v.minValue(0),
  v.maxValue(2),
);

/** How latents are drawn; every route that draws from seeds has these. */
export const sampling = {
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

/** The picture format's number, see shared/image/picture-format.ts. */
const picture = v.optional(
  v.pipe(
    v.picklist(
      PICTURE_FORMATS.map(String),
      `expected the number of a picture format, of which there are: ${PICTURE_FORMATS.join(", ")}`,
    ),
    v.transform((text) => Number(text) as PictureFormat),
  ),
);

/** How a picture is drawn; every route that draws has these. */
export const drawing = {
  /** The picture format; without it 1 at a pinned address, else the newest. */
  picture,
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

export const pngSvgJson = v.optional(v.picklist(["png", "svg", "json"], "expected png, svg or json"), "png");

/** Seeds parted by commas; one that holds a comma cannot stand here. */
export const seeds = v.pipe(
  v.string(),
  v.transform((text) => text.split(",")),
  v.check(
    (list) => list.length <= MAX_WAYPOINTS && list.every((text) => isSeed(text) && text.trim() === text),
    `expected up to ${MAX_WAYPOINTS} seeds parted by commas, each of 1 to ${MAX_SEED_LENGTH} characters, no space at its ends`,
  ),
);

/** A decimal number below 1,000. */
const LATENT_VALUE = /^-?(0|[1-9]\d{0,2})(\.\d{1,24})?([eE][+-]?\d{1,2})?$/;
const isLatentText = (text: string) => {
  const items = text.split(",");
  return (
    items.length <= MAX_LATENT &&
    items.every((item) => LATENT_VALUE.test(item) && Math.abs(Number(item)) <= MAX_LATENT_VALUE)
  );
};

/** As codes are told; how many there are, and which, only the model knows. */
const CODES_TEXT = /^(0|[1-9]\d{0,4})(,(0|[1-9]\d{0,4}))*$/;

/** Codes of a grid, row by row. */
export const codes = v.pipe(
  v.string(),
  v.check(
    (text) => CODES_TEXT.test(text) && text.split(",").length <= MAX_LATENT,
    "expected whole numbers parted by commas, such as 3,0,17",
  ),
  v.transform((text) => text.split(",").map(Number)),
);

/** Rounded to float32 and spelled as shortly as that allows, so that one latent has one pinned address. */
export const latent = v.pipe(
  v.string(),
  v.check(
    isLatentText,
    `expected numbers from -${MAX_LATENT_VALUE} to ${MAX_LATENT_VALUE} parted by commas, such as 0.5,-1.25`,
  ),
  v.transform((text) => text.split(",").map((item) => shortestDecimal(Number(item)))),
);
