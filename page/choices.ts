// What a visitor has chosen: all that the page's address holds, so that a link shows what its sender saw. Values that an
// address holds and that no control could have set are left out.

import { MAX_SEED_LENGTH } from "../shared/arithmetic/random.ts";
import { parseColour } from "../shared/image/colour.ts";
import { MAX_SIZE } from "../shared/image/scale.ts";
import { DEFAULT_GROUND, DEFAULT_INK, MAX_PLACES, MIN_SIZE } from "../shared/limits.ts";

export const FORMATS = ["png", "svg", "json"] as const;
export type Format = (typeof FORMATS)[number];
export const SNIPPETS = ["address", "img", "curl", "fetch", "client"] as const;
export type Snippet = (typeof SNIPPETS)[number];
export const MOST_WAYPOINTS = 8;

/** A digit that a walk visits. */
export interface Waypoint {
  readonly seed: string;
  /** 0 to 9; undefined for models that know no classes. */
  readonly digit: number | undefined;
}

export interface Choices {
  readonly seed: string;
  readonly digit: number | undefined;
  /** A model's name; the server's default when left out. */
  readonly model: string | undefined;
  /** Pixels, 28 to 512. */
  readonly size: number;
  /** 0 to 2. */
  readonly temperature: number;
  readonly format: Format;
  /** 6 hex digits. */
  readonly ink: string;
  /** 6 hex digits, or transparent. */
  readonly ground: string;
  readonly snippet: Snippet;
  /** The number to write: 1 to 32 digits. */
  readonly number: string;
  /** Place on the map of a model with two latent dimensions. */
  readonly place: readonly [number, number] | undefined;
  /** Standard deviations along each principal direction; the seed's own when left out. */
  readonly dials: readonly number[] | undefined;
  readonly walk: readonly Waypoint[];
}

export const DEFAULTS: Choices = {
  seed: "moon",
  digit: undefined,
  model: undefined,
  size: 280,
  temperature: 1,
  format: "png",
  ink: DEFAULT_INK,
  ground: DEFAULT_GROUND,
  snippet: "address",
  number: "314159",
  place: undefined,
  dials: undefined,
  walk: [
    { seed: "ada", digit: 3 },
    { seed: "grace", digit: 8 },
    { seed: "edsger", digit: 5 },
  ],
};

/** Half of a character, or the sign for one that could not be read: the server refuses both. */
const NOT_UTF8 = /[\p{Surrogate}\ufffd]/u;

/** Whether a text can be a seed. */
export function isSeed(text: string): boolean {
  const { length } = [...text];
  return length >= 1 && length <= MAX_SEED_LENGTH && !NOT_UTF8.test(text);
}

/** How each choice is written in the address, and read; undefined where the text is none. */
const FIELDS: {
  readonly [Name in keyof Choices]: {
    readonly write: (value: NonNullable<Choices[Name]>) => readonly string[];
    readonly read: (texts: readonly string[]) => Choices[Name] | undefined;
  };
} = {
  seed: text((value) => (isSeed(value) ? value : undefined)),
  digit: text((value) => (/^[0-9]$/.test(value) ? Number(value) : undefined)),
  model: text((value) => (/^[a-z][a-z0-9-]{0,31}$/.test(value) ? value : undefined)),
  size: text((value) => numberBetween(value, MIN_SIZE, MAX_SIZE, 1)),
  temperature: text((value) => numberBetween(value, 0, 2, 0.05)),
  format: text((value) => FORMATS.find((format) => format === value)),
  ink: text(readColour),
  ground: text((value) => (value === "transparent" ? value : readColour(value))),
  snippet: text((value) => SNIPPETS.find((snippet) => snippet === value)),
  number: text((value) => (/^[0-9]+$/.test(value) && value.length <= MAX_PLACES ? value : undefined)),
  place: {
    write: (place) => [place.join(",")],
    read: (texts) => {
      const numbers = readNumbers(texts, 100);
      return numbers?.length === 2 ? [numbers[0]!, numbers[1]!] : undefined;
    },
  },
  dials: {
    write: (dials) => [dials.join(",")],
    read: (texts) => readNumbers(texts, 10),
  },
  walk: {
    write: (walk) => walk.map(({ seed, digit }) => `${digit ?? ""}:${seed}`),
    read: (texts) => {
      const walk = texts.flatMap((item): Waypoint[] => {
        const [, digit, seed] = /^([0-9]?):(.+)$/s.exec(item) ?? [];
        if (seed === undefined || !isSeed(seed)) return [];
        return [{ seed, digit: digit ? Number(digit) : undefined }];
      });
      return walk.length >= 2 && walk.length <= MOST_WAYPOINTS ? walk : undefined;
    },
  },
};

/** Reads the query of the page's address. */
export function readChoices(query: string): Choices {
  const given = new URLSearchParams(query);
  const read = Object.entries(FIELDS).flatMap(([name, field]) => {
    const value = given.has(name) ? field.read(given.getAll(name)) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...DEFAULTS, ...Object.fromEntries(read) };
}

/** The query that `readChoices` reads back, empty when all is as at first. */
export function writeChoices(choices: Choices): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(FIELDS) as (keyof Choices)[]) {
    const write = FIELDS[name].write as (value: unknown) => readonly string[];
    const value = choices[name];
    if (value === undefined) continue;
    const texts = write(value);
    const standard = DEFAULTS[name];
    if (standard !== undefined && write(standard).join("\n") === texts.join("\n")) continue;
    for (const item of texts) query.append(name, item);
  }
  return query.toString();
}

function text<Value extends string | number>(read: (text: string) => Value | undefined) {
  return {
    write: (value: Value) => [String(value)],
    read: (texts: readonly string[]) => read(texts[0]!),
  };
}

function readColour(value: string): string | undefined {
  return /^[0-9a-f]{6}$/.test(value) && parseColour(value) ? value : undefined;
}

function numberBetween(value: string, least: number, most: number, step: number): number | undefined {
  const number = Number(value);
  if (value.trim() === "" || !(number >= least && number <= most)) return undefined;
  return Number((Math.round(number / step) * step).toFixed(4));
}

function readNumbers(texts: readonly string[], most: number): readonly number[] | undefined {
  const numbers = texts[0]!.split(",").map(Number);
  return numbers.every((number) => Math.abs(number) <= most) ? numbers : undefined;
}
