// The form of an entry in the table of operations.

import type * as v from "valibot";
import type { PictureDefinition } from "../api/picture.ts";
import type { ProblemType } from "../api/problems.ts";
import type { QuerySchema } from "../api/query.ts";
import type { CONTENT_TYPES } from "../api/reply.ts";
import type { HeaderName } from "./replies.ts";

export interface Operation {
  /** In the OpenAPI document, and the client's method. */
  readonly id: string;
  readonly method: "GET" | "POST";
  /** In Hono's syntax: /number/:digits. */
  readonly path: string;
  readonly summary: string;
  /** Paragraphs for people. */
  readonly description: string;
  readonly query: QuerySchema;
  /** Schema of the path's parameters. */
  readonly pathParameters?: QuerySchema | undefined;
  readonly body?: { readonly mediaType: string; readonly description: string };
  /** Of status 200, by kind of content: a description, for JSON with its schema. */
  readonly replies: Readonly<Partial<Record<keyof typeof CONTENT_TYPES, string | Reply>>>;
  /** Headers of status 200, in addition to X-Request-Id and Cache-Control; with ETag there is a 304. */
  readonly headers: readonly HeaderName[];
  /** Whether it sends ranges of bytes. */
  readonly hasRanges?: boolean;
  /** In addition to those of every route. */
  readonly problems: readonly ProblemType[];
  /** Addresses that work with the bundled models, and what they show. */
  readonly examples: Readonly<Record<string, string>>;
}

interface Reply {
  readonly description: string;
  readonly schema: v.GenericSchema;
}

export const MODEL_PROBLEMS: readonly ProblemType[] = [
  "unknown-model",
  "unknown-version",
  "withdrawn-version",
];

type Prose = Pick<Operation, "id" | "summary" | "description" | "replies" | "examples">;

/** An operation that draws. */
export function picture<Query extends QuerySchema, Path extends QuerySchema | undefined>(
  { path, query, pathParameters }: PictureDefinition<Query, Path>,
  prose: Prose,
): Operation {
  return {
    method: "GET",
    path,
    query,
    pathParameters,
    headers: ["ETag", "Link", "X-Model", ...("seed" in query.entries ? ["X-Seed" as const] : [])],
    problems: [
      ...("sampler" in query.entries ? ["no-such-sampler" as const] : []),
      "over-budget",
      ...MODEL_PROBLEMS,
    ],
    ...prose,
  };
}
