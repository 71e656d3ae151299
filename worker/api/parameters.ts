// Parameters that several operations share, with their descriptions.

import * as v from "valibot";
import { MAX_SEED_LENGTH } from "../../shared/arithmetic/random.ts";
import { MAX_SLANT, PLAIN_HAND, WEIGHTS } from "../../shared/image/ink/hand.ts";
import { MAX_SIZE } from "../../shared/image/scale.ts";
import { DEFAULT_GROUND, DEFAULT_INK, MIN_SIZE } from "../../shared/limits.ts";
import {
  colour,
  colourOrTransparent,
  guidance as guidanceValue,
  MAX_NAME_LENGTH,
  modelReference,
  parameter,
  pictureFormat,
  seedOfMany,
  seed as seedText,
  temperature as temperatureValue,
  textUpTo,
  trueOrFalse,
  weight,
  wholeNumber,
} from "./values.ts";

/** Version of the bundled `digits`, for examples that work. */
export const BUNDLED_VERSION = "adcd406dc536";

export const seed = parameter(
  v.optional(seedText),
  `What the digit is drawn from: any text of 1 to ${MAX_SEED_LENGTH} characters. With one version of a model the same seed always draws the same digit. Without it a random one is drawn, and returned in X-Seed.`,
  ["42", "ada", "été"],
);

export const groupSeed = (description: string) =>
  parameter(v.optional(seedOfMany), description, ["42", "ada", "été"]);

export const digit = parameter(
  v.optional(wholeNumber(0, 9)),
  "Which digit it shows. Needs a release that learned the classes, as the bundled ones did.",
  [7, 0, 9],
);

/** How latents are drawn: parameters of every route that draws from seeds. */
export const sampling = {
  sampler: parameter(
    v.optional(v.picklist(["mixture", "prior"], "expected mixture or prior")),
    "How latents are drawn: from the mixture per digit that the release learned (the default where it has one), or from the prior N(0, I), which is more varied and less readable. Models with codes and those with a flow have only a learned prior, which is class-conditional.",
    ["mixture", "prior"],
  ),
  temperature: parameter(
    v.optional(temperatureValue, "1"),
    "Variety: 0 draws the most typical digits, 1 the model's own variety, 2 the oddest. For a model with codes, 0 always takes the likeliest code. At most 4 decimals.",
    [0.5, 0, 2],
  ),
  guidance: parameter(
    v.optional(guidanceValue),
    "For a model with a flow: how far digits are driven apart, 0 to 0.5. More is more legible and less varied; without it the model's own default. At most 4 decimals.",
    [0.3, 0, 0.5],
  ),
};

/** How a picture is drawn: parameters of every route that draws. */
export const drawing = {
  picture: parameter(
    v.optional(pictureFormat),
    "Number of the picture format, which decides how the same digit becomes pixels and bytes. Without it 1 at a pinned address, so that its bytes never change; the newest at every other.",
    ["2", "1"],
  ),
  size: parameter(
    v.optional(wholeNumber(MIN_SIZE, MAX_SIZE), String(MIN_SIZE)),
    `Side of a digit, pixels. All digits of a picture together have at most ${MAX_SIZE} x ${MAX_SIZE}, except as outlines.`,
    [140, MIN_SIZE, MAX_SIZE],
  ),
  slant: parameter(
    v.optional(wholeNumber(-MAX_SLANT, MAX_SLANT), String(PLAIN_HAND.slant)),
    `How far digits lean to the right, degrees; below 0 to the left. Beyond 20 the ends of the widest leave the picture. Needs picture format 2.`,
    [15, -MAX_SLANT, MAX_SLANT],
  ),
  weight: parameter(
    v.optional(weight, String(PLAIN_HAND.weight)),
    `How bold: as many times as much ink as the model drew, ${WEIGHTS.min} (thin) to ${WEIGHTS.max} (bold). At most 2 decimals. Needs picture format 2.`,
    [1.3, WEIGHTS.min, WEIGHTS.max],
  ),
  fg: parameter(
    v.optional(colour, DEFAULT_INK),
    "Colour of the ink: 3 or 6 hex digits without #. Not with format=json.",
    ["ff8800", "036"],
  ),
  bg: parameter(
    v.optional(colourOrTransparent, DEFAULT_GROUND),
    "Colour of the background: 3 or 6 hex digits without #, or transparent. Not with format=json.",
    ["transparent", "fff"],
  ),
};

export const pngSvgJson = parameter(
  v.optional(v.picklist(["png", "svg", "json"], "expected png, svg or json"), "png"),
  "A picture of pixels, one of smooth outlines, or the grey levels.",
  ["svg", "json"],
);

export const details = parameter(
  v.optional(trueOrFalse, "false"),
  "With format=json: the model too, and the seed, class and latent or codes of what was drawn.",
  [true],
);

export const model = parameter(
  v.optional(modelReference),
  "Which model draws: a name follows its newest stable version; name@version is pinned, and its pictures never change. Without it the default model of /models.",
  ["digits", "mlp"],
);

/** Any text is valid: an unknown name is a 404, not a 400. */
const name = textUpTo(MAX_NAME_LENGTH);
export const modelName = parameter(name, "A model of /models.", ["digits", "mlp"]);
export const versionName = parameter(name, "One of its versions.", [BUNDLED_VERSION]);
export const fileName = parameter(name, "A file that the release's card.json lists, or card.json itself.", [
  "card.json",
  "model.json",
  "weights.bin",
  "encoder.json",
  "encoder.bin",
  "preview.png",
]);

export const NoQuery = v.strictObject({});
