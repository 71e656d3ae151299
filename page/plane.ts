// The map of a model with two latent dimensions: which part of the plane its digits fill, where each class lies, and how
// it is painted.

import type { Decoder } from "../shared/decoder/decoder.ts";
import type { Mixture } from "../shared/latent/gaussian/mixture.ts";
import { CLASS_COLOURS } from "./class-colours.ts";
import { findDirections } from "./directions.ts";

/** The square of the plane that is shown; the second number grows upwards. */
export interface Plane {
  readonly centre: readonly [number, number];
  readonly halfSide: number;
}

/** Digits on each side of the map. */
export const CELLS = 20;
const CELL_SIDE = 28;
export const MAP_SIDE = CELLS * CELL_SIDE;
/** Pixels of the map that share one colour of ground. */
const SHADE_SIDE = 4;
/** Standard deviations of all digits, on the axis where they spread most, from the middle of the map to its edge. */
const REACH = 2.5;
/** How fast the ground darkens where digits are rare: this power of the density. */
const FADE = 0.3;
const GROUND = [16, 17, 20] as const;

/** A square about the mean of all digits that holds nearly all of them. */
export function planeOf(mixture: Mixture): Plane {
  const { mean, axes } = findDirections(mixture);
  return { centre: [round(mean[0]!), round(mean[1]!)], halfSide: round(REACH * axes[0]!.deviation) };
}

/** Places are told to the thousandth, in the address too. */
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

/** Where each class's name stands: the mean of its largest component, or none. */
export function classPlaces({ classes }: Mixture): { digit: number; place: Float32Array }[] {
  return classes.flatMap(({ components }, digit) => {
    const largest = components.toSorted((a, b) => b.weight - a.weight)[0];
    return largest ? [{ digit, place: largest.mean }] : [];
  });
}

/**
 * Paints the map: the ground in the colours of the classes that are likely there, brighter where digits are common, and
 * what the decoder draws at the centre of each cell in white upon it.
 * @returns RGBA, [MAP_SIDE, MAP_SIDE, 4]
 */
export function paintPlane(plane: Plane, mixture: Mixture, decoder: Decoder): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(MAP_SIDE * MAP_SIDE * 4);
  const shades = shadeGround(plane, mixture);
  const shadesPerSide = MAP_SIDE / SHADE_SIDE;
  const latents = Array.from({ length: CELLS * CELLS }, (_, i) =>
    Float32Array.from(placeAt(plane, ((i % CELLS) + 0.5) / CELLS, (Math.floor(i / CELLS) + 0.5) / CELLS)),
  );
  decoder.images(latents).forEach(({ pixels }, cell) => {
    const left = (cell % CELLS) * CELL_SIDE;
    const top = Math.floor(cell / CELLS) * CELL_SIDE;
    for (let i = 0; i < pixels.length; i++) {
      const x = left + (i % CELL_SIDE);
      const y = top + Math.floor(i / CELL_SIDE);
      const shade = 3 * (Math.floor(y / SHADE_SIDE) * shadesPerSide + Math.floor(x / SHADE_SIDE));
      const ink = pixels[i]! / 255;
      const at = 4 * (y * MAP_SIDE + x);
      for (let channel = 0; channel < 3; channel++) {
        rgba[at + channel] = shades[shade + channel]! * (1 - ink) + 250 * ink;
      }
      rgba[at + 3] = 255;
    }
  });
  return rgba;
}

/** Colours of the ground, [side, side, 3]. Engines may differ in the last bit here: it is paint, no digit. */
function shadeGround(plane: Plane, { classes }: Mixture): Float32Array {
  const side = MAP_SIDE / SHADE_SIDE;
  const components = classes.flatMap(({ prior, components }, digit) =>
    components.map(({ weight, mean, factor }) => ({
      digit,
      mean,
      // Forward substitution through [[a, 0], [b, c]].
      a: factor[0]!,
      b: factor[1]!,
      c: factor[2]!,
      scale: (prior * weight) / (2 * Math.PI * factor[0]! * factor[2]!),
    })),
  );
  const shares = new Float64Array(side * side * classes.length);
  const densities = new Float64Array(side * side);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = placeAt(plane, ((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side);
    for (const { digit, mean, a, b, c, scale } of components) {
      const first = (x - mean[0]!) / a;
      const second = (y - mean[1]! - b * first) / c;
      const density = scale * Math.exp(-0.5 * (first * first + second * second));
      shares[i * classes.length + digit]! += density;
      densities[i]! += density;
    }
  }
  const densest = densities.reduce((most, density) => Math.max(most, density), 0);
  const shades = new Float32Array(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    const density = densities[i]!;
    const light = density > 0 ? 0.78 * Math.min(1, 1.5 * (density / densest) ** FADE) : 0;
    for (let channel = 0; channel < 3; channel++) {
      let colour = 0;
      for (let digit = 0; digit < classes.length && density > 0; digit++) {
        colour += (shares[i * classes.length + digit]! / density) * CLASS_COLOURS[digit]![channel]!;
      }
      shades[3 * i + channel] = GROUND[channel]! + light * (colour - GROUND[channel]!);
    }
  }
  return shades;
}
