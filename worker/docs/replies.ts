// The contents of replies: schemas of JSON bodies, and headers. Read when the OpenAPI document is built.

import * as v from "valibot";
import { MAX_SIZE } from "../../shared/image/scale.ts";
import { MIN_SIZE } from "../../shared/limits.ts";
import { ModelNameSchema, VersionSchema } from "../../shared/release/release.ts";

const described = <Schema extends v.GenericSchema>(schema: Schema, description: string) =>
  v.pipe(schema, v.description(description));

const integer = v.pipe(v.number(), v.integer());
const level = v.pipe(integer, v.minValue(0), v.maxValue(255));
const pixels = described(v.array(v.array(level)), "Rows from the top, each level 0 (ground) to 255 (ink).");
const sidePx = v.pipe(integer, v.minValue(MIN_SIZE), v.maxValue(MAX_SIZE));
const address = described(v.pipe(v.string(), v.regex(/^\//)), "Address on this server.");

const grey = { width: sidePx, height: sidePx, pixels };
const pinned = described(v.string(), "name@version that drew it.");
const latent = described(
  v.array(v.number()),
  "As many float32 numbers as the model has latent dimensions, and for a model with noise its grain; /decode draws it again.",
);
const codes = described(
  v.array(v.pipe(integer, v.minValue(0))),
  "For a model with codes, instead of a latent: the codes of its grid, row by row; /decode draws them again.",
);
const noise = described(
  v.array(v.number()),
  "For a model with a flow: the draw from N(0, I), times the temperature, that the flow made the latent of.",
);
/** What the decoder draws: a latent, and its noise if it has any, or codes. */
const drawn = { noise: v.optional(noise), latent: v.optional(latent), codes: v.optional(codes) };
/** Where a digit came from; /sample draws it again from seed and digit. */
const drawnFrom = { seed: v.string(), digit: v.optional(integer), ...drawn };
const count = v.pipe(integer, v.minValue(1));

export const GreyImage = v.strictObject({
  ...grey,
  model: v.optional(pinned),
  ...v.partial(v.strictObject(drawnFrom)).entries,
});

export const GreyFrames = v.strictObject({
  model: v.optional(pinned),
  waypoints: v.optional(v.array(v.strictObject(drawnFrom))),
  frames: v.pipe(
    v.array(v.strictObject({ ...grey, noise: v.optional(noise), latent: v.optional(latent) })),
    v.minLength(2),
  ),
});

export const GreyGrid = v.strictObject({
  model: pinned,
  seed: v.string(),
  rows: count,
  cols: count,
  cells: described(v.array(v.strictObject({ ...drawnFrom, ...grey })), "Row by row."),
});

export const GreyPlane = v.strictObject({
  model: pinned,
  rows: count,
  cols: count,
  cells: described(v.array(v.strictObject({ latent, ...grey })), "Row by row."),
});

export const GreyNumber = v.strictObject({
  model: pinned,
  seed: v.string(),
  number: v.string(),
  digits: v.array(
    v.strictObject({
      ...drawnFrom,
      left: described(v.number(), "Where its square begins, pixels."),
      ink: v.nullable(v.strictObject({ left: integer, top: integer, width: integer, height: integer })),
    }),
  ),
  width: count,
  height: sidePx,
  pixels,
});

export const GreyDecoded = v.strictObject({
  model: pinned,
  latent: v.optional(latent),
  codes: v.optional(codes),
  ...grey,
});

/** What was done to an uploaded picture. */
const fit = v.strictObject({
  inverted: described(v.boolean(), "It was dark on light."),
  boundingBox: described(
    v.strictObject({ x: integer, y: integer, width: count, height: count }),
    "Of its ink, in its own pixels.",
  ),
  scale: described(v.number(), "Pixels of the fitted picture per pixel of its own."),
  thickened: described(v.boolean(), "Its strokes would have been much thinner than MNIST's pens drew."),
});

export const Encoding = v.strictObject({
  model: pinned,
  mu: v.optional(latent),
  logVar: v.optional(described(v.array(v.number()), "Log-variances, as many as mu has numbers.")),
  codes: v.optional(codes),
  noise: v.optional(
    described(
      v.array(v.number()),
      "For a model with a flow: the noise of which the flow, without guidance, makes the latent of the likeliest digit that is nearest to mu.",
    ),
  ),
  roundTrip: v.optional(
    described(
      v.strictObject({ latent: v.number(), pixels: v.number() }),
      "How far the latent of that noise is from mu, and its digit from that of mu, in grey levels: root mean squares.",
    ),
  ),
  digits: described(
    v.nullable(v.pipe(v.array(v.pipe(v.number(), v.minValue(0), v.maxValue(1))), v.length(10))),
    "Probability of each digit, given mu: under the release's mixture, or by a flow's own network; null where it has neither.",
  ),
  fit,
  fitted: described(v.strictObject(grey), "The picture that was encoded."),
});

export const Reconstruction = v.strictObject({
  model: pinned,
  fit,
  input: described(v.strictObject(grey), "The picture that was encoded."),
  reconstruction: v.strictObject(grey),
});

export const Model = v.strictObject({
  name: ModelNameSchema,
  isDefault: described(v.boolean(), "The model of requests that name none."),
  stable: described(VersionSchema, "The version that the bare name means."),
  canary: described(
    v.nullable(v.strictObject({ version: VersionSchema, percent: v.number() })),
    "Another version that the bare name means for this share of the seeds.",
  ),
  sample: address,
  versions: described(
    v.array(
      v.strictObject({
        version: VersionSchema,
        publishedAt: v.pipe(v.string(), v.isoTimestamp()),
        sample: address,
        card: address,
        preview: address,
        decoder: described(
          address,
          "For tf.loadLayersModel; takes latents, or of a model with codes their embeddings.",
        ),
        encoder: described(
          address,
          "For tf.loadLayersModel; gives mean and log-variance, or vectors whose nearest embeddings are the codes.",
        ),
      }),
    ),
    "Every version that was published and not withdrawn, oldest first: these can be pinned.",
  ),
});

export const ModelList = v.strictObject({
  default: described(ModelNameSchema, "The model of requests that name none."),
  models: v.array(Model),
});

export const Health = v.strictObject({
  status: described(v.picklist(["ok", "degraded"]), "degraded while there are problems."),
  model: described(v.string(), "The default model, as name@version."),
  scheme: described(v.string(), "Its arithmetic from seed to pixels."),
  catalogCheckedAt: described(v.string(), "When the catalog was last read, or found unchanged; ISO 8601."),
  problems: described(
    v.array(v.strictObject({ what: v.string(), why: v.string() })),
    "Faults of the catalog, of a version, of its encoder or of a file. The last good state may hide them from callers.",
  ),
  loaded: described(
    v.strictObject({ models: v.number(), bytes: v.number() }),
    "Models in memory, and their size.",
  ),
});

export const HEADERS = {
  "Cache-Control": {
    description:
      "Pinned addresses: immutable for a year, or 60 seconds while the catalog cannot be read. Others: 60 seconds, and stale for 10 minutes more while revalidating or on errors. no-store for random seeds. no-transform on cached pixels.",
    example: "public, max-age=31536000, immutable, no-transform",
  },
  ETag: {
    description: "Identifies the pinned address. Send it in If-None-Match to get 304 without a body.",
    example: '"4d6f0ee0d3bf03f2a1f59c06b1c37a55"',
  },
  Link: {
    description:
      'rel="canonical": the pinned address, where the request was not pinned. Omitted where it is longer than 4,096 characters: it has the same parameters, with model as in X-Model and picture=2.',
    example: '</sample?model=digits%40adcd406dc536&picture=2&seed=42>; rel="canonical"',
  },
  "Content-Range": { description: "Which bytes of the file these are.", example: "bytes 0-15/47040016" },
  "X-Model": { description: "name@version that drew it.", example: "digits@adcd406dc536" },
  "X-Seed": {
    description: "The random seed, where none was given.",
    example: "0b3e7c1e-6a0e-4f7e-9d0c-4d2c9d2f8f10",
  },
  "X-Request-Id": {
    description: "Names this request in the server's log.",
    example: "9f1c2d3e4a5b6c7d-AMS",
  },
  "Retry-After": { description: "Seconds to wait before asking again.", example: "60" },
  Allow: { description: "The methods that the address takes.", example: "GET, HEAD, OPTIONS" },
} as const;

export type HeaderName = keyof typeof HEADERS;
