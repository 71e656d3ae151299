// edge-digits: handwritten digits without a service, drawn by the bundled default model. The same parameters give the same
// bytes as the service's /sample and /number do by that version.

import { findRefusal } from "../client/check-values.ts";
import { memberSeed } from "../shared/arithmetic/random.ts";
import { ArgumentError } from "../shared/errors.ts";
import { PLAIN_HAND } from "../shared/image/ink/hand.ts";
import { setNumber } from "../shared/image/number.ts";
import { CURRENT_FORMAT } from "../shared/image/picture-format.ts";
import type { GreyImage } from "../shared/image/raster.ts";
import { RENDERERS } from "../shared/image/renderer.ts";
import { DEFAULT_GROUND, DEFAULT_INK, MIN_SIZE, NUMBER_TEMPERATURE } from "../shared/limits.ts";
import { type BundledModel, openBundled } from "./release.ts";

export { type DatasetOptions, dataset, type LabelledImages } from "./dataset.ts";

/** How a picture is drawn. */
export interface DrawingOptions {
  /** What is drawn: any text of 1 to 128 characters (124 for a number). Without it a random one. */
  readonly seed?: string | undefined;
  /** Height in pixels, 28 to 512; by default 28. */
  readonly size?: number | undefined;
  /** Lean to the right, whole degrees, -30 to 30. */
  readonly slant?: number | undefined;
  /** Ink as a multiple of the model's own, 0.7 to 1.6. */
  readonly weight?: number | undefined;
  /** Variety, 0 to 2: 0 draws the most typical digits. By default 1, and 0.6 for a number. */
  readonly temperature?: number | undefined;
  /** How far digits are driven apart, 0 to 0.5: more is more legible and less varied. */
  readonly guidance?: number | undefined;
  /** Colour of the ink, 3 or 6 hex digits; by default white. */
  readonly fg?: string | undefined;
  /** Colour of the ground, 3 or 6 hex digits, or "transparent"; by default black. */
  readonly bg?: string | undefined;
}

export interface DrawOptions extends DrawingOptions {
  /** 0 to 9; without it the seed decides. */
  readonly digit?: number | undefined;
}

export interface NumberOptions extends DrawingOptions {
  /** Digits spaced by their ink (the default), or each in a square of its own. */
  readonly layout?: "ink" | "squares" | undefined;
  /** Space added between digits, -6 to 28, in 28ths of the height. */
  readonly spacing?: number | undefined;
}

/** A picture, made when it is asked for. */
export interface Picture {
  /** name@version of what drew it. */
  readonly model: string;
  readonly seed: string;
  /** Grey levels, row by row: 0 is ground and 255 ink. */
  readonly grey: () => GreyImage;
  readonly png: () => Uint8Array<ArrayBuffer>;
  /** An SVG document of outlines. */
  readonly svg: () => string;
}

export interface DigitPicture extends Picture {
  readonly digit: number;
}

/**
 * Draws one digit.
 * @throws ArgumentError (rejects) naming the option that is out of range
 */
export async function draw(options: DrawOptions = {}): Promise<DigitPicture> {
  check("sample", options);
  const { seed = randomSeed(), digit, temperature, guidance } = options;
  const bundled = await openBundled();
  const { latent, decoder } = bundled.release;
  const drawn = latent.draw(seed, { digit, temperature, guidance });
  const image = decoder.image(drawn.latent);
  const { scale, png, svg } = rendererOf(bundled, options);
  const grey = () => scale(image);
  return {
    model: nameOf(bundled),
    seed,
    digit: drawn.digit!,
    grey,
    png: () => png(grey()),
    svg: () => svg([image]),
  };
}

/**
 * Writes a number by hand. Each place has a seed of its own, seed/0, seed/1 and so on, which `draw` takes too.
 * @param digits  1 to 32 digits
 * @throws ArgumentError (rejects) naming the option that is out of range
 */
export async function number(digits: string | number, options: NumberOptions = {}): Promise<Picture> {
  check("number", { digits, ...options });
  const { seed = randomSeed(), temperature = NUMBER_TEMPERATURE, guidance } = options;
  const { layout = "ink", spacing = 0 } = options;
  const bundled = await openBundled();
  const { latent, decoder } = bundled.release;
  const requests = Array.from(String(digits), (digit, place) => {
    return { seed: memberSeed(seed, place), digit: Number(digit), temperature, guidance };
  });
  const images = decoder.images(latent.drawAll(requests).map((drawn) => drawn.latent));
  const { shape, rasterize, png, sheetSvg } = rendererOf(bundled, options);
  const sheet = setNumber(images, layout, spacing, shape);
  const grey = () => rasterize(sheet);
  return { model: nameOf(bundled), seed, grey, png: () => png(grey()), svg: () => sheetSvg(sheet) };
}

function check(operation: "sample" | "number", options: object): void {
  const refusal = findRefusal(operation, { ...options });
  if (refusal) throw new ArgumentError(refusal.detail);
}

function rendererOf({ release }: BundledModel, options: DrawingOptions) {
  const { slant = PLAIN_HAND.slant, weight = PLAIN_HAND.weight } = options;
  const { size = MIN_SIZE, fg = DEFAULT_INK, bg = DEFAULT_GROUND } = options;
  return RENDERERS[CURRENT_FORMAT]({ size, slant, weight, fg, bg }, release.ink);
}

function nameOf({ name, version }: BundledModel): string {
  return `${name}@${version}`;
}

function randomSeed(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join("");
}
