// The table of what the service does: one entry per route and method. From it come the OpenAPI document, its reader, the
// client's types and the random requests of the tests. A test holds it against the routes of the app.

import { CONTENT_TYPES } from "../content-types.ts";
import { NoQuery } from "../params.ts";
import type { Operation } from "./operation.ts";
import { PICTURES } from "./pictures.ts";
import { Health, ModelList } from "./replies.ts";

export const OPERATIONS = [
  ...PICTURES,
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
