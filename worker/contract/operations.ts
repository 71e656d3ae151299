// The table of what the service does: one entry per route and method. From it come the OpenAPI document, its reader, the
// client's types and the random requests of the tests. A test holds it against the routes of the app.

import type * as v from "valibot";
import { CONTENT_TYPES } from "../drawing.ts";
import { InterpolateQuery, NoQuery, SampleQuery } from "../params.ts";
import type { ProblemType } from "../problems.ts";
import type { ParameterDoc, ParameterName } from "./parameters.ts";
import { GreyFrames, GreyImage, type HeaderName, Health, ModelList } from "./replies.ts";

type QuerySchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

export interface Operation {
  /** In the OpenAPI document, and the client's method. */
  readonly id: string;
  readonly method: "GET" | "POST";
  /** As Hono has it: /number/:digits. */
  readonly path: string;
  readonly summary: string;
  /** Paragraphs for people. */
  readonly description: string;
  readonly query: QuerySchema;
  /** Schema of the parts of the path, where it has some. */
  readonly pathParameters?: QuerySchema;
  /** What differs from PARAMETERS here. */
  readonly parameters?: Readonly<Partial<Record<ParameterName, Partial<ParameterDoc>>>>;
  readonly body?: { readonly mediaTypes: readonly string[]; readonly description: string };
  /** Of status 200. */
  readonly replies: readonly {
    readonly mediaType: string;
    readonly description: string;
    /** Of JSON. */
    readonly schema?: v.GenericSchema;
  }[];
  /** Of status 200, beside X-Request-Id and Cache-Control; with ETag there is a 304. */
  readonly headers: readonly HeaderName[];
  /** Beside those that every route has. */
  readonly problems: readonly ProblemType[];
  /** Addresses that work with the bundled models, and what they show. */
  readonly examples: readonly { readonly address: string; readonly caption: string }[];
}

/** Of routes that draw. */
const PICTURE_HEADERS: readonly HeaderName[] = ["ETag", "Link", "X-Model"];
/** Of routes that draw from `model`, with `sampler`. */
const DRAWING_PROBLEMS: readonly ProblemType[] = ["no-such-sampler", "unknown-model", "unknown-version"];

export const OPERATIONS = [
  {
    id: "sample",
    method: "GET",
    path: "/sample",
    summary: "One digit",
    description:
      "Draws one handwritten digit from a seed. The picture is a function of the release, the seed and the other parameters: a pinned address gives the same bytes for ever.",
    query: SampleQuery,
    parameters: {
      format: {
        description: "A picture of pixels, one of smooth outlines, or the grey levels.",
        examples: ["svg", "json"],
      },
    },
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
    ],
  },
  {
    id: "interpolate",
    method: "GET",
    path: "/interpolate",
    summary: "A walk between two digits",
    description:
      "Draws the digits on the arc between two seeds' latents: as a strip, as an animation that loops, or as grey levels.",
    query: InterpolateQuery,
    parameters: {
      format: {
        description: "All digits side by side, an animation, or the grey levels of each.",
        examples: ["apng", "json"],
      },
    },
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
    id: "models",
    method: "GET",
    path: "/models",
    summary: "What can be asked for",
    description: "Lists the models with all their versions, and addresses to try.",
    query: NoQuery,
    replies: [{ mediaType: CONTENT_TYPES.json, description: "The models by name.", schema: ModelList }],
    headers: ["ETag"],
    problems: [],
    examples: [{ address: "/models", caption: "the models" }],
  },
  {
    id: "health",
    method: "GET",
    path: "/health",
    summary: "Whether digits can be served",
    description: "Loads the default model; answers 200 when that works, and a problem when not.",
    query: NoQuery,
    replies: [{ mediaType: CONTENT_TYPES.json, description: "It works.", schema: Health }],
    headers: [],
    problems: [],
    examples: [{ address: "/health", caption: "the health" }],
  },
] as const satisfies readonly Operation[];
