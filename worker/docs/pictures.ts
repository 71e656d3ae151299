// The operations that draw.

import { MAX_DIGITS, MAX_PLACES, MAX_WAYPOINTS } from "../../shared/limits.ts";
import { CONTENT_TYPES } from "../api/content-types.ts";
import { decode } from "../api/decode.ts";
import { grid } from "../api/grid.ts";
import { interpolate } from "../api/interpolate.ts";
import { manifold } from "../api/manifold.ts";
import { NumberPath, number } from "../api/number.ts";
import type { ProblemType } from "../api/problems.ts";
import { sample } from "../api/sample.ts";
import type { Operation } from "./operation.ts";
import {
  GreyDecoded,
  GreyFrames,
  GreyGrid,
  GreyImage,
  GreyNumber,
  GreyPlane,
  type HeaderName,
} from "./replies.ts";

/** Of routes that draw. */
const PICTURE_HEADERS: readonly HeaderName[] = ["ETag", "Link", "X-Model"];
/** Of routes that draw from `model`, with `sampler`. */
const DRAWING_PROBLEMS: readonly ProblemType[] = [
  "no-such-sampler",
  "unknown-model",
  "unknown-version",
  "withdrawn-version",
];

export const PICTURES = [
  {
    id: "sample",
    method: "GET",
    path: "/sample",
    summary: "One digit",
    description:
      "Draws one handwritten digit from a seed. The picture is a function of the release, the seed and the other parameters: the bytes of a pinned address never change.",
    query: sample.query,
    replies: [
      {
        mediaType: CONTENT_TYPES.png,
        description: "The digit in pixels: grey, or a palette of two colours.",
      },
      { mediaType: CONTENT_TYPES.svg, description: "Its outlines, crisp at every size." },
      { mediaType: CONTENT_TYPES.json, description: "Its grey levels.", schema: GreyImage },
    ],
    headers: [...PICTURE_HEADERS, "X-Seed"],
    problems: DRAWING_PROBLEMS,
    examples: [
      { address: "/sample?seed=42&size=140", caption: "a seed, larger" },
      { address: "/sample?seed=42&digit=7&size=140", caption: "a seven" },
      { address: "/sample?seed=42&digit=7&temperature=0&size=140", caption: "the most typical seven" },
      { address: "/sample?seed=ada&size=140&fg=036&bg=fff", caption: "in colours" },
      { address: "/sample?seed=grace&format=svg&size=140&fg=ff8800&bg=transparent", caption: "outlines" },
      { address: "/sample?seed=42&model=mlp&size=140", caption: "by another model" },
      { address: "/sample?seed=42&digit=7&model=vq&size=140", caption: "a seven drawn code by code" },
    ],
  },
  {
    id: "interpolate",
    method: "GET",
    path: "/interpolate",
    summary: "A walk between two digits",
    description: `Draws the digits on the arc between two seeds' latents, or through up to ${MAX_WAYPOINTS} waypoints: as a strip, as an animation, or as grey levels.`,
    query: interpolate.query,
    replies: [
      { mediaType: CONTENT_TYPES.png, description: "The digits side by side." },
      { mediaType: CONTENT_TYPES.apng, description: "The digits one after another, without end." },
      { mediaType: CONTENT_TYPES.json, description: "The grey levels of each.", schema: GreyFrames },
    ],
    headers: PICTURE_HEADERS,
    problems: DRAWING_PROBLEMS,
    examples: [
      { address: "/interpolate?from=ada&to=grace&size=70", caption: "from one seed to another" },
      {
        address: "/interpolate?from=ada&to=grace&fromDigit=3&toDigit=8&steps=6&size=90&fg=036&bg=fff",
        caption: "a three becomes an eight",
      },
      {
        address: "/interpolate?from=ada&to=grace&fromDigit=3&toDigit=8&steps=24&format=apng&size=100",
        caption: "the same walk, animated",
      },
    ],
  },
  {
    id: "grid",
    method: "GET",
    path: "/grid",
    summary: "Rows and columns of digits",
    description: `Draws up to ${MAX_DIGITS} digits, each from a seed of its own that /sample takes too: \`seed/0\`, \`seed/1\` and so on, row by row.`,
    query: grid.query,
    replies: [
      { mediaType: CONTENT_TYPES.png, description: "The digits in pixels." },
      { mediaType: CONTENT_TYPES.svg, description: "Their outlines." },
      {
        mediaType: CONTENT_TYPES.json,
        description: "Their grey levels, each with seed, class and latent.",
        schema: GreyGrid,
      },
    ],
    headers: [...PICTURE_HEADERS, "X-Seed"],
    problems: DRAWING_PROBLEMS,
    examples: [
      { address: "/grid?seed=42&rows=3&cols=8&size=40", caption: "24 digits" },
      {
        address: "/grid?seed=42&digits=0123456789&cols=5&size=40&fg=036&bg=fff",
        caption: "a row for each digit",
      },
    ],
  },
  {
    id: "number",
    method: "GET",
    path: "/number/:digits",
    summary: "A handwritten number",
    description: `Writes a number of up to ${MAX_PLACES} digits. Each place has a seed of its own, so equal digits differ, a longer number begins like the shorter one, and /sample draws any of its digits alone.`,
    query: number.query,
    pathParameters: NumberPath,
    replies: [
      { mediaType: CONTENT_TYPES.png, description: "The number in pixels." },
      { mediaType: CONTENT_TYPES.svg, description: "Its outlines." },
      {
        mediaType: CONTENT_TYPES.json,
        description: "Its grey levels, with each digit's place, seed and latent.",
        schema: GreyNumber,
      },
    ],
    headers: [...PICTURE_HEADERS, "X-Seed"],
    problems: DRAWING_PROBLEMS,
    examples: [
      { address: "/number/1729?seed=42&size=80", caption: "a number" },
      { address: "/number/31415926535?seed=ada&size=60&fg=036&bg=fff", caption: "a longer one, in colours" },
      { address: "/number/2026?seed=grace&size=80&layout=squares", caption: "each digit in a square" },
      { address: "/number/007?seed=42&format=svg&size=80&fg=ff8800&bg=transparent", caption: "outlines" },
    ],
  },
  {
    id: "manifold",
    method: "GET",
    path: "/manifold",
    summary: "The plane of a model with two latent dimensions",
    description:
      "Draws what such a model has learned at a glance: digits at equal shares of the prior, through the inverse of the normal distribution function.",
    query: manifold.query,
    replies: [
      { mediaType: CONTENT_TYPES.png, description: "The plane in pixels." },
      {
        mediaType: CONTENT_TYPES.json,
        description: "Grey levels of each digit, with its latent.",
        schema: GreyPlane,
      },
    ],
    headers: PICTURE_HEADERS,
    problems: ["unknown-model", "unknown-version", "withdrawn-version"],
    examples: [{ address: "/manifold?model=mlp&cells=12&size=30", caption: "12 x 12 digits" }],
  },
  {
    id: "decode",
    method: "GET",
    path: "/decode",
    summary: "The digit of a latent, or of codes",
    description:
      "Draws an explicit latent, or explicit codes, such as those of /encode or of `details=true`.",
    query: decode.query,
    replies: [
      { mediaType: CONTENT_TYPES.png, description: "The digit in pixels." },
      { mediaType: CONTENT_TYPES.svg, description: "Its outlines." },
      { mediaType: CONTENT_TYPES.json, description: "Its grey levels.", schema: GreyDecoded },
    ],
    headers: PICTURE_HEADERS,
    problems: ["unknown-model", "unknown-version", "withdrawn-version"],
    examples: [
      { address: "/decode?z=0.5,-1.25&model=mlp&size=140", caption: "a point of the plane" },
      { address: "/decode?z=0,0&model=mlp&size=140&format=svg", caption: "its middle, in outlines" },
    ],
  },
] as const satisfies readonly Operation[];
