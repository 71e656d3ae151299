// What the addresses may hold: one schema per route. They are strict, see query.ts, and nothing is clamped.

import * as v from "valibot";
import {
  codes,
  digit,
  digitsUpTo,
  drawing,
  flag,
  latent,
  MAX_DIGITS,
  MAX_NAME_LENGTH,
  MAX_WAYPOINTS,
  model,
  pngSvgJson,
  sampling,
  seed,
  seedOfMany,
  seeds,
  temperature,
  textUpTo,
  wholeNumber,
} from "./values.ts";

export const FRAMES_PER_SECOND = "12";

/** JSON tells the model, and each digit's seed, class and latent too. */
const details = flag;

export const SampleQuery = v.strictObject({
  /** Which digit; without it a random one, returned in X-Seed. */
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
  /** Along the arc between latents, or straight; between codes always straight. */
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
  /** The digits' seeds are seed/0, seed/1, ... row by row; without it a random one, returned in X-Seed. */
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
  /** The digits' seeds are seed/0, seed/1, ... from the left; without it a random one, returned in X-Seed. */
  seed: v.optional(seedOfMany),
  /** By their ink, as in a hand, or each in a square of its own. */
  layout: v.optional(v.picklist(["ink", "squares"], "expected ink or squares"), "ink"),
  /** Ground added between neighbours, in 28ths of the height; below 0 they move together and touch. */
  spacing: v.optional(wholeNumber(-6, 28), "0"),
  /** A number takes what knows the classes: the mixture, or a prior of codes. */
  sampler: sampling.sampler,
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

export const DecodeQuery = v.strictObject({
  /** The latent: as many numbers as the model has latent dimensions, parted by commas; or give `codes`. */
  z: v.optional(latent),
  /** Of a model with codes: those of its grid, row by row, parted by commas. */
  codes: v.optional(codes),
  ...drawing,
  format: pngSvgJson,
  model: v.optional(model),
});

export const EncodeQuery = v.strictObject({ model: v.optional(model) });

export const ReconstructQuery = v.strictObject({
  ...drawing,
  /** Input over reconstruction as pixels or as outlines, or the grey levels of each. */
  format: pngSvgJson,
  model: v.optional(model),
});

/** Any text may stand here: what nothing is called is not found, rather than wrong. */
const name = textUpTo(MAX_NAME_LENGTH);

export const ModelPath = v.strictObject({ name });

export const FilePath = v.strictObject({ name, version: name, file: name });

export const NoQuery = v.strictObject({});
