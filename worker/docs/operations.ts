// The table of operations: one entry per route and method. From it come the OpenAPI document, its reader, the
// client's types and the random requests of the tests. A test compares it with the routes of the app.

import { MAX_DIGITS, MAX_PLACES, MAX_WAYPOINTS } from "../../shared/limits.ts";
import { DatasetPath, DatasetQuery } from "../api/dataset.ts";
import { decode } from "../api/decode.ts";
import { EncodeQuery } from "../api/encode.ts";
import { grid } from "../api/grid.ts";
import { interpolate } from "../api/interpolate.ts";
import { manifold } from "../api/manifold.ts";
import { ModelPath } from "../api/models.ts";
import { number } from "../api/number.ts";
import { BUNDLED_VERSION, NoQuery } from "../api/parameters.ts";
import type { ProblemType } from "../api/problems.ts";
import { ReconstructQuery } from "../api/reconstruct.ts";
import { FilePath } from "../api/release-files.ts";
import { CONTENT_TYPES } from "../api/reply.ts";
import { sample } from "../api/sample.ts";
import { MODEL_PROBLEMS, type Operation, picture } from "./operation.ts";
import * as schemas from "./replies.ts";

const PNG_BODY = {
  mediaType: CONTENT_TYPES.png,
  description:
    "A PNG of up to 512 pixels a side and 3 MiB, of any colour type, with one digit: dark on light or light on dark, anywhere, of any size. It is fitted to MNIST's conventions: inverted if dark on light, scaled, centred by mass.",
};
const UPLOAD_PROBLEMS: readonly ProblemType[] = [
  ...MODEL_PROBLEMS,
  "over-budget",
  "incomplete-body",
  "payload-too-large",
  "unsupported-media-type",
  "unreadable-image",
  "empty-image",
  "unclear-image",
  "too-many-uploads",
];

export const OPERATIONS: readonly Operation[] = [
  picture(sample, {
    id: "sample",
    summary: "One digit",
    description:
      "Draws one handwritten digit from a seed. The picture is a function of the release, the seed and the other parameters: the bytes of a pinned address never change.",
    replies: {
      png: "The digit in pixels: in grey or in two colours.",
      svg: "Its outlines, crisp at every size.",
      json: { description: "Its grey levels.", schema: schemas.GreyImage },
    },
    examples: {
      "/sample?seed=42&size=140": "a seed, larger",
      "/sample?seed=42&digit=7&size=140": "a seven",
      "/sample?seed=42&digit=7&temperature=0&size=140": "the most typical seven",
      "/sample?seed=ada&size=140&fg=036&bg=fff": "in colours",
      "/sample?seed=grace&format=svg&size=140&fg=ff8800&bg=transparent": "outlines",
      "/sample?seed=42&model=mlp&size=140": "by another model",
    },
  }),
  picture(interpolate, {
    id: "interpolate",
    summary: "A walk between two digits",
    description: `Draws the digits on the arc between two seeds' latents, or through up to ${MAX_WAYPOINTS} waypoints: as a strip, as an animation, or as grey levels.`,
    replies: {
      png: "The digits side by side.",
      apng: "The digits as an endless animation.",
      json: { description: "The grey levels of each.", schema: schemas.GreyFrames },
    },
    examples: {
      "/interpolate?from=ada&to=grace&size=70": "from one seed to another",
      "/interpolate?from=ada&to=grace&fromDigit=3&toDigit=8&steps=6&size=90&fg=036&bg=fff":
        "a three becomes an eight",
      "/interpolate?from=ada&to=grace&fromDigit=3&toDigit=8&steps=24&format=apng&size=100":
        "the same walk, animated",
    },
  }),
  picture(grid, {
    id: "grid",
    summary: "Rows and columns of digits",
    description: `Draws up to ${MAX_DIGITS} digits, each from a seed of its own that /sample takes too: \`seed/0\`, \`seed/1\` and so on, row by row.`,
    replies: {
      png: "The digits in pixels.",
      svg: "Their outlines.",
      json: {
        description: "Their grey levels, each with seed, class and latent.",
        schema: schemas.GreyGrid,
      },
    },
    examples: {
      "/grid?seed=42&rows=3&cols=8&size=40": "24 digits",
      "/grid?seed=42&digits=0123456789&cols=5&size=40&fg=036&bg=fff": "a row for each digit",
    },
  }),
  picture(number, {
    id: "number",
    summary: "A handwritten number",
    description: `Writes a number of up to ${MAX_PLACES} digits. Each place has a seed of its own, so equal digits differ, a longer number begins like the shorter one, and /sample draws any of its digits alone, at the same temperature.`,
    replies: {
      png: "The number in pixels.",
      svg: "Its outlines.",
      json: {
        description: "Its grey levels, with each digit's place, seed and latent.",
        schema: schemas.GreyNumber,
      },
    },
    examples: {
      "/number/1729?seed=42&size=80": "a number",
      "/number/31415926535?seed=ada&size=60&fg=036&bg=fff": "a longer one, in colours",
      "/number/2026?seed=grace&size=80&layout=squares": "each digit in a square",
      "/number/1729?seed=42&size=80&slant=20&weight=1.3": "in a bold hand that leans to the right",
      "/number/007?seed=42&format=svg&size=80&fg=ff8800&bg=transparent": "outlines",
    },
  }),
  picture(manifold, {
    id: "manifold",
    summary: "The plane of a model with two latent dimensions",
    description:
      "Draws what such a model has learned at a glance: digits at equal shares of the prior, through the inverse of the normal distribution function.",
    replies: {
      png: "The plane in pixels.",
      json: { description: "Grey levels of each digit, with its latent.", schema: schemas.GreyPlane },
    },
    examples: { "/manifold?model=mlp&cells=12&size=30": "12 x 12 digits" },
  }),
  picture(decode, {
    id: "decode",
    summary: "The digit of a latent, or of codes",
    description:
      "Draws an explicit latent, or explicit codes, such as those of /encode or of `details=true`.",
    replies: {
      png: "The digit in pixels.",
      svg: "Its outlines.",
      json: { description: "Its grey levels.", schema: schemas.GreyDecoded },
    },
    examples: {
      "/decode?z=0.5,-1.25&model=mlp&size=140": "a point of the plane",
      "/decode?z=0,0&model=mlp&size=140&format=svg": "its middle, in outlines",
    },
  }),
  {
    id: "encode",
    method: "POST",
    path: "/encode",
    summary: "The latent of a picture",
    description:
      "Runs the release's own encoder over a picture: mean and log-variance of its latent, which digit it is by the release's mixture or flow, and the picture as it was fitted. /decode draws `mu`. For a model with codes: its codes, which /decode draws too. For a model with a flow: also the noise that the flow makes such a latent of. The picture is not stored.",
    query: EncodeQuery,
    body: PNG_BODY,
    replies: { json: { description: "The latent's distribution.", schema: schemas.Encoding } },
    headers: ["X-Model"],
    problems: UPLOAD_PROBLEMS,
    examples: {
      "/encode": "by the default model",
      "/encode?model=mlp": "by another model",
    },
  },
  {
    id: "reconstruct",
    method: "POST",
    path: "/reconstruct",
    summary: "A picture over what the model makes of it",
    description:
      "Encodes a picture as /encode does, decodes the mean of its latent, or its codes, and draws both: the fitted picture over its reconstruction. The picture is not stored.",
    query: ReconstructQuery,
    body: PNG_BODY,
    replies: {
      png: "The two in pixels.",
      svg: "Their outlines.",
      json: { description: "Their grey levels.", schema: schemas.Reconstruction },
    },
    headers: ["X-Model"],
    problems: UPLOAD_PROBLEMS,
    examples: { "/reconstruct?size=140": "both, larger" },
  },
  {
    id: "models",
    method: "GET",
    path: "/models",
    summary: "All models",
    description: "Lists the models with all their versions, and addresses to try.",
    query: NoQuery,
    replies: { json: { description: "The models by name.", schema: schemas.ModelList } },
    headers: ["ETag"],
    problems: [],
    examples: { "/models": "the models" },
  },
  {
    id: "model",
    method: "GET",
    path: "/models/:name",
    summary: "One model",
    description: "The entry of /models for one model.",
    query: NoQuery,
    pathParameters: ModelPath,
    replies: { json: { description: "The model with its versions.", schema: schemas.Model } },
    headers: ["ETag"],
    problems: ["unknown-model"],
    examples: { "/models/cnn": "the convolutional model" },
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
    replies: {
      json: "The card, or a network's topology.",
      png: "The preview.",
      bin: "Weights, or the mixture per digit.",
    },
    headers: ["ETag", "X-Model"],
    problems: [...MODEL_PROBLEMS, "unknown-file"],
    examples: {
      [`/models/digits/${BUNDLED_VERSION}/preview.png`]: "the preview",
      [`/models/digits/${BUNDLED_VERSION}/card.json`]: "the card",
      [`/models/digits/${BUNDLED_VERSION}/model.json`]: "the decoder, for tf.loadLayersModel",
    },
  },
  {
    id: "dataset",
    method: "GET",
    path: "/dataset/:set/:file",
    summary: "A data set in MNIST's form, of any size",
    description:
      "Draws images of the set that a seed stands for, or gives their labels, as an IDX file, which any reader of MNIST takes. Seed, model and index decide every image: one at index 3 of the training part is what /sample draws from the seed `7/train/3`, and its digit, temperature, slant and weight. A budget may allow a hundred images at once or fewer; `start` goes on from there.\n\nWithout `count` it sends a file of a set that was published under a name, or a range of its bytes.",
    query: DatasetQuery,
    pathParameters: DatasetPath,
    replies: {
      json: "The card of a published set.",
      bin: "The IDX file: a header, then uint8 [count, 28, 28], 0 for ground and 255 for ink, or [count].",
    },
    headers: ["ETag", "Link", "X-Model"],
    problems: ["no-such-sampler", "over-budget", ...MODEL_PROBLEMS, "unknown-file", "unknown-dataset"],
    hasRanges: true,
    examples: {
      "/dataset/7/train-images-idx3-ubyte?count=20": "twenty images",
      "/dataset/7/train-labels-idx1-ubyte?count=20": "their labels",
      "/dataset/7/train-images-idx3-ubyte?count=20&slant=-15..15&weight=0.8..1.3":
        "the same digits, in many hands",
    },
  },
  {
    id: "health",
    method: "GET",
    path: "/health",
    summary: "Health",
    description:
      "Loads the default model; answers 200 if that works, and a problem if not. `problems` lists what failed in the isolate that answers within the last ten minutes and has not worked since.",
    query: NoQuery,
    replies: { json: { description: "It works.", schema: schemas.Health } },
    headers: [],
    problems: [],
    examples: { "/health": "the health" },
  },
];
