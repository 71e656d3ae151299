// Addresses of the API for the visitor's choices. Parameters with the server's default are omitted.

import { shortestDecimal } from "../shared/arithmetic/decimal.ts";
import { PLAIN_HAND } from "../shared/image/ink/hand.ts";
import { kindOf } from "../shared/latent/kind.ts";
import { walkLength } from "../shared/latent/walk.ts";
import { DEFAULT_FPS, DEFAULT_GROUND, DEFAULT_INK, MAX_DIGITS, MAX_PIXELS } from "../shared/limits.ts";
import type { Choices } from "./choices.ts";
import { familyOf } from "./neighbours.ts";
import { type PublishedModel, pinnedName, type Release } from "./releases.ts";
import { service, withoutOrigin } from "./service.ts";

/** Side of a digit that a link shows, pixels. */
const SIZE = 280;
const TALLEST_NUMBER = 160;
/** From one end of a walk to the other. */
const STEPS = 25;

/** The choices with the model's version, so that their addresses always give the same picture. */
export function pinned(choices: Choices, model: PublishedModel | undefined): Choices {
  return model && !choices.newest ? { ...choices, model: pinnedName(model) } : choices;
}

export function sampleAddress(choices: Choices, format = choices.format): string {
  const { seed, digit, model, size, temperature, guidance } = choices;
  return withoutOrigin(
    service.sampleUrl({
      seed,
      size,
      digit,
      model,
      temperature: unless(1, temperature),
      guidance,
      format: unless("png", format),
      ...hand(choices),
      // Grey levels have no colours.
      ...(format !== "json" && colours(choices)),
    }),
  );
}

/** The address of something an image element can show: a PNG where JSON is chosen. */
export function pictureAddress(choices: Choices): string {
  return sampleAddress(choices, choices.format === "json" ? "png" : choices.format);
}

/** As tall as the server's limit of pixels allows. */
export function numberSize(number: string): number {
  return Math.min(TALLEST_NUMBER, Math.floor(Math.sqrt(MAX_PIXELS / number.length)));
}

export function numberAddress(choices: Choices): string {
  const { number: digits, seed, model, format } = choices;
  return withoutOrigin(
    service.numberUrl({
      digits,
      seed: familyOf(seed),
      size: numberSize(digits),
      model,
      format: format === "svg" ? "svg" : undefined,
      ...hand(choices),
      ...colours(choices),
    }),
  );
}

/** Parameters with which /decode draws a latent. */
function latentQuery(release: Release, latent: Float32Array) {
  const { input } = kindOf(release.card.spec);
  const { values } = release.latent.nearest(latent);
  return { [input]: Array.from(values, shortestDecimal).join(","), model: pinnedName(release) };
}

export function decodeAddress(release: Release, latent: Float32Array, choices: Choices): string {
  return withoutOrigin(
    service.decodeUrl({
      ...latentQuery(release, latent),
      size: SIZE,
      ...hand(choices),
      ...colours(choices),
    }),
  );
}

/** The grey levels of the decoder's own pixels, at the address of a picture. */
export function levelsAddress(picture: string): string {
  const [path, text] = picture.split("?");
  const query = new URLSearchParams(text);
  for (const name of ["fg", "bg", "slant", "weight", "size"]) query.delete(name);
  query.set("format", "json");
  return `${path}?${query}`;
}

/** A file of a model's version. */
export function fileAddress({ name, version }: PublishedModel, file: string): string {
  return withoutOrigin(service.modelFileUrl({ name, version, file }));
}

/**
 * A walk to another word and back within the limits of /interpolate.
 * @returns steps from one end to the other, and the side of a frame that the server draws, pixels
 */
export function planWalk(): { readonly steps: number; readonly size: number } {
  const steps = Math.min(STEPS, Math.floor(MAX_DIGITS / 2) + 1);
  const frames = walkLength(2, { steps, loop: true });
  return { steps, size: Math.floor(Math.sqrt(MAX_PIXELS / frames)) };
}

/**
 * The walk's address, or undefined where an address cannot hold it: its seeds are comma-separated.
 * @param digits  of both words, where the model knows them
 */
export function walkAddress(
  choices: Choices,
  digits: readonly (number | undefined)[],
  framesPerSecond = DEFAULT_FPS,
): string | undefined {
  const { seed, to, model, temperature, guidance } = choices;
  const seeds = [seed, to];
  if (seeds.some((each) => each.includes(",") || each.trim() !== each)) return undefined;
  return withoutOrigin(
    service.interpolateUrl({
      ...planWalk(),
      ...colours(choices),
      ...hand(choices),
      seeds: seeds.join(","),
      digits: digits.includes(undefined) ? undefined : digits.join(""),
      loop: true,
      format: "apng",
      model,
      temperature: unless(1, temperature),
      guidance,
      fps: unless(DEFAULT_FPS, framesPerSecond),
    }),
  );
}

function hand({ slant, weight }: Choices) {
  return { slant: unless(PLAIN_HAND.slant, slant), weight: unless(PLAIN_HAND.weight, weight) };
}

function colours({ ink, ground }: Choices) {
  return { fg: unless(DEFAULT_INK, ink), bg: unless(DEFAULT_GROUND, ground) };
}

function unless<Value>(standard: Value, value: Value): Value | undefined {
  return value === standard ? undefined : value;
}
