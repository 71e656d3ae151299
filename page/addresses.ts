// Addresses of the API for the visitor's choices. Parameters with the server's default are omitted.

import { shortestDecimal } from "../shared/arithmetic/decimal.ts";
import { PLAIN_HAND } from "../shared/image/ink/hand.ts";
import { kindOf } from "../shared/latent/kind.ts";
import { type Path, walkLength } from "../shared/latent/walk.ts";
import { DEFAULT_FPS, DEFAULT_GROUND, DEFAULT_INK, MAX_DIGITS, MAX_PIXELS } from "../shared/limits.ts";
import type { Choices } from "./choices.ts";
import { familyOf } from "./neighbours.ts";
import { type PublishedModel, pinnedName, type Release } from "./releases.ts";
import { service, withoutOrigin } from "./service.ts";

/** Side of a digit that a link shows, pixels. */
const SIZE = 280;
const TALLEST_NUMBER = 160;
export const MIN_OUTLINED = 112;
/** Limit of the steps from one stop of a walk to the next. */
const MOST_STEPS = 17;

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

/** The same in outlines, for screens of any density; undefined for a picture so small that its pixels are to be seen. */
export function outlineAddress(choices: Choices): string | undefined {
  return choices.size < MIN_OUTLINED ? undefined : sampleAddress(choices, "svg");
}

/** As tall as the server's limit of pixels allows. */
export function numberAddress(choices: Choices): string {
  const { number: digits, seed, model } = choices;
  const size = Math.min(TALLEST_NUMBER, Math.floor(Math.sqrt(MAX_PIXELS / digits.length)));
  return withoutOrigin(
    service.numberUrl({ digits, seed: familyOf(seed), size, model, ...hand(choices), ...colours(choices) }),
  );
}

/** Parameters with which /decode draws a latent. */
export function latentQuery({ release, latent }: { release: Release; latent: Float32Array }) {
  const { input } = kindOf(release.card.spec);
  const { values } = release.latent.nearest(latent);
  return { [input]: Array.from(values, shortestDecimal).join(","), model: pinnedName(release) };
}

export function decodeAddress(drawn: Parameters<typeof latentQuery>[0]): string {
  return withoutOrigin(service.decodeUrl({ ...latentQuery(drawn), size: SIZE }));
}

/** A file of a model's version. */
export function fileAddress({ name, version }: PublishedModel, file: string): string {
  return withoutOrigin(service.modelFileUrl({ name, version, file }));
}

/**
 * A closed walk within the limits of /interpolate, so that the export equals what its address gives.
 * @returns steps from one stop to the next, and the side of a frame in pixels
 */
export function planWalk(stops: number): { readonly steps: number; readonly size: number } {
  const steps = Math.min(MOST_STEPS, Math.floor(MAX_DIGITS / stops) + 1);
  const frames = walkLength(stops, { steps, loop: true });
  return { steps, size: Math.floor(Math.sqrt(MAX_PIXELS / frames)) };
}

/**
 * The walk's address, or undefined where an address cannot hold it: its seeds are comma-separated, and either all stops
 * have a digit or none.
 */
export function walkAddress(
  choices: Choices,
  model: string | undefined,
  path: Path,
  framesPerSecond: number,
): string | undefined {
  const { walk, temperature, guidance } = choices;
  const digits = walk.flatMap(({ digit }) => digit ?? []).join("");
  if (digits.length > 0 && digits.length < walk.length) return undefined;
  if (walk.some(({ seed }) => seed.includes(",") || seed.trim() !== seed)) return undefined;
  return withoutOrigin(
    service.interpolateUrl({
      ...planWalk(walk.length),
      ...colours(choices),
      seeds: walk.map(({ seed }) => seed).join(","),
      digits: unless("", digits),
      loop: true,
      format: "apng",
      model,
      path: unless("slerp", path),
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
