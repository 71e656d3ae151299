// The table of what the service does: one entry per route and method. From it come the OpenAPI document, its reader, the
// client's types and the random requests of the tests. A test holds it against the routes of the app.

import { CONTENT_TYPES } from "../api/content-types.ts";
import { ModelPath } from "../api/models.ts";
import { BUNDLED_VERSION, NoQuery } from "../api/parameters.ts";
import { FilePath } from "../api/release-files.ts";
import type { Operation } from "./operation.ts";
import { PICTURES } from "./pictures.ts";
import { Health, Model, ModelList } from "./replies.ts";
import { UPLOADS } from "./uploads.ts";

export const OPERATIONS = [
  ...PICTURES,
  ...UPLOADS,
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
    id: "model",
    method: "GET",
    path: "/models/:name",
    summary: "One model",
    description: "The entry of /models for one model.",
    query: NoQuery,
    pathParameters: ModelPath,
    replies: [{ mediaType: CONTENT_TYPES.json, description: "The model with its versions.", schema: Model }],
    headers: ["ETag"],
    problems: ["unknown-model"],
    examples: [{ address: "/models/cnn", caption: "the convolutional model" }],
  },
  {
    id: "modelFile",
    method: "GET",
    path: "/models/:name/:version/:file",
    summary: "A file of a release",
    description:
      "Serves a release's own files, verified against their digests: the card, a preview, the mixture, and decoder and encoder as TensorFlow.js has them. `tf.loadLayersModel` opens `model.json` and `encoder.json` straight from here.",
    query: NoQuery,
    pathParameters: FilePath,
    replies: [
      { mediaType: CONTENT_TYPES.json, description: "The card, or a network's topology." },
      { mediaType: CONTENT_TYPES.png, description: "The preview." },
      { mediaType: CONTENT_TYPES.bin, description: "Weights, or the mixture per digit." },
    ],
    headers: ["ETag", "X-Model"],
    problems: ["unknown-model", "unknown-version", "withdrawn-version", "unknown-file"],
    examples: [
      { address: `/models/digits/${BUNDLED_VERSION}/preview.png`, caption: "the preview" },
      { address: `/models/digits/${BUNDLED_VERSION}/card.json`, caption: "the card" },
      {
        address: `/models/digits/${BUNDLED_VERSION}/model.json`,
        caption: "the decoder, for tf.loadLayersModel",
      },
    ],
  },
  {
    id: "health",
    method: "GET",
    path: "/health",
    summary: "Whether digits can be served",
    description:
      "Loads the default model; answers 200 when that works, and a problem when not. It speaks for the isolate that answers: what failed there within the last ten minutes and has not worked since.",
    query: NoQuery,
    replies: [{ mediaType: CONTENT_TYPES.json, description: "It works.", schema: Health }],
    headers: [],
    problems: [],
    examples: [{ address: "/health", caption: "the health" }],
  },
] as const satisfies readonly Operation[];
