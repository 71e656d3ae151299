// The map of a model with two latent dimensions: which part of the plane it shows, where each class lies, and how it is
// painted.

import type { Decoder } from "../shared/decoder/decoder.ts";
import { parseColour } from "../shared/image/colour.ts";
import type { RgbaImage } from "../shared/image/raster.ts";
import { tileImages } from "../shared/image/sheet.ts";
import type { Mixture } from "../shared/latent/gaussian/mixture.ts";
import { findDirections } from "./directions.ts";

/** The square of the plane that is shown; the second number grows upwards. */
export interface Plane {
  readonly centre: readonly [number, number];
  readonly halfSide: number;
}

/** Digits on each side of the map. */
const CELLS = 20;
/** Pixels on each side of its ground. */
const GROUND_SIDE = 140;
/** Standard deviations of all digits, on the axis where they spread most, from the middle of the map to its edge. */
const REACH = 2.5;
/** The ground is as bright as this power of the density. */
const FADE = 0.3;
const BRIGHTEST = 0.78;
/** A colour per class; they stay distinct with every kind of colour vision. */
export const CLASS_COLOURS = "8757ff fe9384 398a40 eeee48 a3ecfe be3972 51fac8 d4a742 bf80ed 9895bb"
  .split(" ")
  .map(parseColour);

/** A square about the mean of all digits that holds nearly all of them. */
export function planeOf(mixture: Mixture): Plane {
  const { mean, axes } = findDirections(mixture);
  return { centre: [round(mean[0]!), round(mean[1]!)], halfSide: round(REACH * axes[0]!.deviation) };
}

/** Places have three decimals, in the address too. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000 + 0;
}

/** A place of the plane by its share of the map's width from the left and of its height from the top. */
export function placeAt({ centre, halfSide }: Plane, x: number, y: number): [number, number] {
  return [round(centre[0] + (2 * x - 1) * halfSide), round(centre[1] + (1 - 2 * y) * halfSide)];
}

/** The inverse of `placeAt`. */
export function sharesOf({ centre, halfSide }: Plane, place: ArrayLike<number>): { x: number; y: number } {
  return {
    x: ((place[0]! - centre[0]) / halfSide + 1) / 2,
    y: (1 - (place[1]! - centre[1]) / halfSide) / 2,
  };
}

/** The nearest place of the map. */
export function within(plane: Plane, place: ArrayLike<number>): [number, number] {
  const { x, y } = sharesOf(plane, place);
  return placeAt(plane, Math.min(Math.max(x, 0), 1), Math.min(Math.max(y, 0), 1));
}

/** Where to write each class's name: at the mean of its largest component. */
export function classPlaces({ classes }: Mixture): { digit: number; place: Float32Array }[] {
  return classes.flatMap(({ components }, digit) => {
    const largest = components.toSorted((a, b) => b.weight - a.weight)[0];
    return largest ? [{ digit, place: largest.mean }] : [];
  });
}

/** A map in two layers: its ground, and what the decoder draws at the centre of each cell. */
export function paintMap(decoder: Decoder, mixture: Mixture) {
  const plane = planeOf(mixture);
  const latents = gridPlaces(plane, CELLS).map((place) => Float32Array.from(place));
  return { plane, ground: paintGround(plane, mixture), digits: tileImages(decoder.images(latents), CELLS) };
}

/** The colours of the classes that are likely at a place, the more opaque the more common digits are there. */
function paintGround(plane: Plane, { classes }: Mixture): RgbaImage {
  const densities = gridPlaces(plane, GROUND_SIDE).map((place) =>
    classes.map(({ prior, components }) => prior * densityAt(components, place)),
  );
  const totals = densities.map((ofClasses) => ofClasses.reduce((sum, density) => sum + density, 0));
  const densest = Math.max(...totals);
  const pixels = densities.flatMap((ofClasses, i) => {
    const total = totals[i]!;
    const colour = [0, 1, 2].map((channel) =>
      ofClasses.reduce((sum, density, digit) => sum + (density / total) * CLASS_COLOURS[digit]![channel]!, 0),
    );
    return [...colour, 255 * BRIGHTEST * Math.min(1, 1.5 * (total / densest) ** FADE)];
  });
  return { width: GROUND_SIDE, height: GROUND_SIDE, pixels: Uint8ClampedArray.from(pixels) };
}

/** Centres of the cells of the map, row by row from the top. */
function gridPlaces(plane: Plane, cells: number): [number, number][] {
  return Array.from({ length: cells * cells }, (_, i) =>
    placeAt(plane, ((i % cells) + 0.5) / cells, (Math.floor(i / cells) + 0.5) / cells),
  );
}

/** Density up to a constant factor. Engines may differ in the last bit, which is fine for a background. */
function densityAt(components: Mixture["classes"][number]["components"], [x, y]: [number, number]): number {
  return components.reduce((sum, { weight, mean, factor }) => {
    // Forward substitution through [[a, 0], [b, c]].
    const [a, b, c] = [factor[0]!, factor[1]!, factor[2]!];
    const first = (x - mean[0]!) / a;
    const second = (y - mean[1]! - b * first) / c;
    return sum + (weight / (a * c)) * Math.exp(-0.5 * (first * first + second * second));
  }, 0);
}

/** The likeliest class, and how likely it is in percent; what would round to 100 is given as > 99. */
export function likeliest(shares: readonly number[]): { digit: number; percent: string } {
  const best = Math.max(...shares);
  return { digit: shares.indexOf(best), percent: best >= 0.995 ? "> 99" : String(Math.round(100 * best)) };
}
