// What every parameter means to people. Types, ranges and defaults come from the schemas in params.ts; this is the prose
// and what a schema cannot say. It is read when the OpenAPI document is built, and is no part of the Worker.

import type { ObjectEntries, StrictObjectSchema } from "valibot";
import { MAX_SEED_LENGTH } from "../../shared/arithmetic/random.ts";
import type * as params from "../api/params.ts";
import { MAX_NAME_LENGTH, MAX_WAYPOINTS } from "../api/values.ts";

/** Of the bundled `digits`, for examples that answer. */
export const BUNDLED_VERSION = "3af6551b0bf5";

export interface ParameterDoc {
  /** One or two sentences, with a full stop. */
  readonly description: string;
  /** Values as they stand in an address, the first the most telling. */
  readonly examples: readonly (string | number | boolean)[];
  /** JSON Schema keywords for what the valibot schema checks by code. */
  readonly limits?: Readonly<Record<string, unknown>>;
}

/** The name of every parameter of every schema that params.ts exports: none can be left out below. */
export type ParameterName = {
  [Key in keyof typeof params]: (typeof params)[Key] extends StrictObjectSchema<
    infer Entries extends ObjectEntries,
    undefined
  >
    ? Extract<keyof Entries, string>
    : never;
}[keyof typeof params];

const NO_COMMA = "[^,\\s]([^,]*[^,\\s])?";
const LATENT_NUMBER = "-?(0|[1-9]\\d{0,2})(\\.\\d{1,24})?([eE][+-]?\\d{1,2})?";
const CODE = "(0|[1-9]\\d{0,4})";
const seedLimits = { minLength: 1, maxLength: MAX_SEED_LENGTH };
const nameLimits = { minLength: 1, maxLength: MAX_NAME_LENGTH };

export const PARAMETERS: Readonly<Record<ParameterName, ParameterDoc>> = {
  seed: {
    description: `What the digit is drawn from: any text of 1 to ${MAX_SEED_LENGTH} characters. By one version of a model the same seed always draws the same digit; 0 and 1 are as good as any. Without it a random one is drawn, and returned in X-Seed.`,
    examples: ["42", "ada", "été"],
    limits: seedLimits,
  },
  digit: {
    description: "Which digit it shows. Needs a release that learned the classes, as the bundled ones did.",
    examples: [7, 0, 9],
  },
  sampler: {
    description:
      "How latents are drawn: from the mixture per digit that the release learned (the default where it has one), or from the prior N(0, I), which is more varied and less readable. A model with codes, such as vq, has a learned prior alone, which knows the digits.",
    examples: ["mixture", "prior"],
  },
  temperature: {
    description:
      "How far digits stray from the typical: 0 draws the most typical, 1 the model's own variety, 2 the oddest. Of a model with codes 0 is the likeliest code each time. At most 4 decimals.",
    examples: [0.5, 0, 2],
    limits: { multipleOf: 0.0001 },
  },
  picture: {
    description:
      "Number of the picture format, which decides how the same digit becomes pixels and bytes. Without it 1 at a pinned address, so that its bytes never change; the newest at every other.",
    examples: ["1"],
  },
  size: {
    description: "Side of a digit, pixels. All digits of a picture together have at most 512 x 512.",
    examples: [140, 28, 512],
  },
  fg: {
    description: "Colour of the ink: 3 or 6 hex digits without #. Not with format=json.",
    examples: ["ff8800", "036"],
  },
  bg: {
    description: "Colour of the ground: 3 or 6 hex digits without #, or transparent. Not with format=json.",
    examples: ["transparent", "fff"],
  },
  format: { description: "What the reply is.", examples: [] },
  model: {
    description:
      "Which model draws: a name follows its newest stable version; name@version is pinned, and its pictures never change. Without it the default model of /models.",
    examples: ["digits", "mlp", "vq"],
  },
  from: {
    description: `Seed of the walk's first digit; or give seeds. Text of 1 to ${MAX_SEED_LENGTH} characters.`,
    examples: ["ada"],
    limits: seedLimits,
  },
  to: {
    description: `Seed of the walk's last digit. Text of 1 to ${MAX_SEED_LENGTH} characters.`,
    examples: ["grace"],
    limits: seedLimits,
  },
  fromDigit: { description: "Which digit the walk begins with.", examples: [3] },
  toDigit: { description: "Which digit the walk ends with.", examples: [8] },
  steps: {
    description:
      "Number of digits from one waypoint to the next, both included: 8, or fewer where the walk would be longer than 64 digits.",
    examples: [16, 2, 32],
  },
  seeds: {
    description: `Instead of from and to: the seeds of 2 to ${MAX_WAYPOINTS} waypoints, parted by commas, without space at their ends; or one seed for all, with digits.`,
    examples: ["ada,grace,alan", "ada"],
    limits: { pattern: `^${NO_COMMA}(,${NO_COMMA}){0,${MAX_WAYPOINTS - 1}}$` },
  },
  digits: { description: "Several digits, written one after another.", examples: ["385"] },
  path: {
    description:
      "Along the arc between latents (slerp), or straight (lerp). Embeddings of codes have no arc: between them both are straight.",
    examples: ["lerp"],
  },
  loop: { description: "Back to the first waypoint, which is not drawn again.", examples: [true] },
  fps: { description: "Frames per second; with format=apng only.", examples: [24, 1, 60] },
  details: {
    description:
      "With format=json: the model too, and the seed, class and latent or codes of what was drawn.",
    examples: [true],
  },
  rows: { description: "Rows: as many as digits, or 6. At most 64 digits in all.", examples: [3, 1] },
  cols: { description: "Digits in each row. At most 64 in all.", examples: [8, 1] },
  layout: {
    description: "Digits set by their ink, as in a hand, or each in a square of its own.",
    examples: ["squares"],
  },
  spacing: {
    description:
      "Ground added between neighbours, in 28ths of the height; below 0 they move together and touch.",
    examples: [2, -6],
  },
  cells: { description: "Digits per side of the plane.", examples: [8, 2] },
  z: {
    description:
      "The latent: as many numbers as the model has latent dimensions, parted by commas, each from -100 to 100. They are rounded to float32. Or give codes.",
    examples: ["0.5,-1,0,0.25,1,0,0,-0.5,0,1,0.75,0,-1.5,0,0,0.1", "0.5,-1.25"],
    limits: { pattern: `^${LATENT_NUMBER}(,${LATENT_NUMBER})*$` },
  },
  codes: {
    description:
      "Of a model with codes, instead of z: those of its grid row by row, parted by commas; 49 of the vq model, each below the size of its codebook.",
    examples: [Array.from({ length: 49 }, (_, i) => i % 10).join()],
    limits: { pattern: `^${CODE}(,${CODE})*$` },
  },
  name: { description: "A model of /models.", examples: ["digits", "mlp"], limits: nameLimits },
  version: { description: "One of its versions.", examples: [BUNDLED_VERSION], limits: nameLimits },
  file: {
    description: "A file that the release's card.json lists, or card.json itself.",
    examples: ["card.json", "model.json", "weights.bin", "encoder.json", "encoder.bin", "preview.png"],
    limits: nameLimits,
  },
};
