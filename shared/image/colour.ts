// Colours of ink and ground. Grey level t mixes ground and ink by t / 255 in sRGB-encoded values,
// in which grey pixels already are; so white ink on black leaves every grey unchanged.

import { ArgumentError } from "../errors.ts";

/** sRGB, each 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

export interface Style {
  /** Colour of level 255. */
  readonly foreground: Colour;
  /** Colour of level 0; on a transparent one the foreground's opacity is the level. */
  readonly background: Colour | "transparent";
}

/** As in MNIST. */
export const WHITE_ON_BLACK: Style = { foreground: [255, 255, 255], background: [0, 0, 0] };

/**
 * Reads 3 or 6 hex digits in either case, as in "f80" and "ff8800".
 * @throws ArgumentError
 */
export function parseColour(text: string): Colour {
  if (!/^([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)) {
    throw new ArgumentError(`a colour is 3 or 6 hex digits without "#", such as ff8800; found "${text}"`);
  }
  const digits = text.length === 6 ? text : text.replace(/./g, "$&$&");
  const byte = (at: number) => Number.parseInt(digits.slice(at, at + 2), 16);
  return [byte(0), byte(2), byte(4)];
}

/**
 * Reads a ground: a colour, or "transparent".
 * @throws ArgumentError
 */
export function parseBackground(text: string): Style["background"] {
  return text === "transparent" ? text : parseColour(text);
}

/** 6 lower-case hex digits, or "transparent": as pinned addresses spell it. */
export function formatColour(colour: Style["background"]): string {
  if (colour === "transparent") return colour;
  return colour.map((value) => value.toString(16).padStart(2, "0")).join("");
}

/** The one value of a colour that is a grey, or null. */
export function greyOf(colour: Style["background"]): number | null {
  if (colour === "transparent") return null;
  const [red, green, blue] = colour;
  return red === green && green === blue ? red : null;
}

/** ground + (ink - ground) * level / 255, rounded to the nearest whole number (ties cannot occur). */
export function mix(ground: number, ink: number, level: number): number {
  return Math.floor((ground * (255 - level) + ink * level + 127) / 255);
}
