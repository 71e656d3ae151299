// What a request costs, known before it starts: the arithmetic of its model, pixels, and outlines. The unit is the time of
// one digit of the `cnn` preset's decoder, so that a cost means the same on a fast and on a slow machine. The factors are
// measured, and rounded up: npm run bench:limits prints computed costs beside measured ones.

import { kindOf } from "../../shared/latent/kind.ts";
import { multiplyAdds } from "../../shared/model/multiply-adds.ts";
import { planDecoder, planEncoder } from "../../shared/model/plan.ts";
import type { ModelSpec } from "../../shared/model/spec.ts";
import type { CONTENT_TYPES } from "./reply.ts";

/** Of the `cnn` preset's decoder. */
export const UNIT_MULTIPLY_ADDS = 1_527_936;
/** Parsing, routing, headers, log. */
const REQUEST = 6;
/** Scaling and encoding, for each pixel, and for each pixel of a digit's side, since strokes are where pixels differ. */
const PIXEL = 0.00012;
const SIDE_PIXEL = 0.018;
/** Outlines of one digit. */
const OUTLINES = 2;
/** An uploaded picture of noise: whatever its size, for each of its pixels, and for each byte of those. */
const UPLOAD = 11;
const UPLOADED_PIXEL = 0.00005;
const UPLOADED_BYTE = 0.000196;
/** Fitting it, for each pixel of its side; larger ones are halved first. */
const FITTED_PIXEL = 0.5;
const MOST_FITTED = 224;

/** What a request does. */
export interface Work {
  /** Latents that are drawn from seeds. */
  readonly draws: number;
  /** Points of a walk between them. */
  readonly walk?: number;
  /** Digits that are decoded, and shown. */
  readonly digits: number;
  /** Side of a digit in pixels; does not matter for SVG. */
  readonly size: number;
  readonly format: keyof typeof CONTENT_TYPES;
  /** A picture that is encoded too: its pixels, and bytes in each. */
  readonly upload?: { readonly pixels: number; readonly bytesPerPixel: number };
}

/** In digits of the `cnn` preset. */
export function costOf(spec: ModelSpec, work: Work): number {
  const { draws, walk = 0, digits, size, format, upload } = work;
  const { decode, encode, latents } = arithmeticOf(spec);
  const arithmetic =
    digits * decode +
    (draws > 0 ? latents.draw(draws) : 0) +
    (walk > 0 ? latents.walk(walk) : 0) +
    (upload ? encode : 0);
  const pixels = PIXEL * size * size + SIDE_PIXEL * size;
  // Pixels as they are decoded go without either.
  const picture = { svg: OUTLINES, bin: 0, png: pixels, apng: pixels, json: pixels }[format];
  return REQUEST + arithmetic / UNIT_MULTIPLY_ADDS + digits * picture + (upload ? costOfReading(upload) : 0);
}

function costOfReading({ pixels, bytesPerPixel }: NonNullable<Work["upload"]>): number {
  const fitting = FITTED_PIXEL * Math.min(Math.sqrt(pixels), MOST_FITTED);
  return UPLOAD + pixels * (UPLOADED_PIXEL + UPLOADED_BYTE * bytesPerPixel) + fitting;
}

const known = new WeakMap<ModelSpec, ReturnType<typeof plan>>();

/** A model's multiply-adds, planned once. */
function arithmeticOf(spec: ModelSpec) {
  const found = known.get(spec) ?? plan(spec);
  known.set(spec, found);
  return found;
}

function plan(spec: ModelSpec) {
  const latents = kindOf(spec).work(spec);
  const [decode, encode] = [planDecoder(spec), planEncoder(spec)].map(multiplyAdds) as [number, number];
  return { latents, decode, encode: encode + latents.encode };
}
