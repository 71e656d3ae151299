// Runs first requests of every kind over a tiny release in memory when an isolate starts, so that their code is
// compiled before any request waits for it: start-up does not count as a request's time.

import kernels from "../build/decode-kernels.wasm";
import { warmUp as warmUpKernels } from "../shared/decoder/warm-up.ts";
import { CURRENT_FORMAT } from "../shared/image/picture-format.ts";
import { CLASSES } from "../shared/latent/classes.ts";
import { type Mixture, packMixture, SAMPLER_FILE, triangleSize } from "../shared/latent/gaussian/mixture.ts";
import { SCHEME } from "../shared/latent/gaussian/sample.ts";
import { latentDim } from "../shared/latent/kind.ts";
import { planDecoder } from "../shared/model/plan.ts";
import { type ModelSpec, size } from "../shared/model/spec.ts";
import { packWeights } from "../shared/model/weights.ts";
import { CATALOG_KEY, CATALOG_SCHEMA } from "../shared/release/catalog.ts";
import {
  CARD_FILE,
  CARD_SCHEMA,
  type Card,
  NETWORK_FILES,
  releaseKey,
  sha256,
  stringifyJson,
  versionOf,
} from "../shared/release/release.ts";
import { RENDERERS } from "./api/drawing.ts";
import { grid } from "./api/grid.ts";
import { interpolate } from "./api/interpolate.ts";
import { number } from "./api/number.ts";
import { sample } from "./api/sample.ts";
import { createApp } from "./app.ts";
import type { ReadableBucket } from "./models/bucket-reader.ts";
import { createModelStore } from "./models/model-store.ts";

const SPEC: ModelSpec = {
  input: [28, 28, 1],
  latent: { kind: "gaussian", dim: 2 },
  encoder: [{ kind: "flatten" }],
  decoder: [
    { kind: "dense", units: 784, activation: "sigmoid" },
    { kind: "reshape", shape: [28, 28, 1] },
  ],
};
/** What compiles the code of every kind of picture: operation, query, parts of the path. */
const REQUESTS: readonly [Pick<typeof sample, "parse">, string, Record<string, string>?][] = [
  [sample, "seed=a&size=56"],
  [sample, "seed=a&sampler=prior&format=svg"],
  [interpolate, "from=a&to=b&steps=2&format=apng"],
  [grid, "seed=a&rows=1&cols=2"],
  [number, "seed=a", { digits: "01" }],
];

export async function warmUp(): Promise<void> {
  warmUpKernels(kernels);
  const objects = await tinyBucket();
  const get = async (key: string) => {
    const body = objects.get(key)!;
    return { body, size: body.byteLength, etag: key, arrayBuffer: async () => body.slice().buffer };
  };
  const store = createModelStore(
    { get } as unknown as ReadableBucket,
    () => 0,
    () => {},
    { timing: { timeoutMs: Number.POSITIVE_INFINITY, pausesMs: [] } },
  );
  const model = await store.load(await store.resolve(undefined));
  for (const [operation, text, parts = {}] of REQUESTS) {
    const { query, draw } = operation.parse(`?${text}`, parts);
    draw(model, "", RENDERERS[CURRENT_FORMAT](query, model.ink));
  }
  // Outside of a request, replies with a body and random ids cannot be created; replies without a body can.
  const headers = { "If-None-Match": "*", "cf-ray": "warm-up-request" };
  await createApp(store).request("/sample?seed=a&digit=1", { headers });
}

/** One standard normal for every digit. */
function normalMixture(latentDim: number): Mixture {
  const factor = new Float32Array(triangleSize(latentDim)).fill(1);
  const components = [{ weight: 1, mean: new Float32Array(latentDim), factor }];
  return {
    latentDim,
    classes: Array.from({ length: CLASSES }, () => ({ prior: Math.fround(0.1), components })),
  };
}

/** A catalog with one release: a decoder of which every weight is 1/8. */
async function tinyBucket(): Promise<ReadonlyMap<string, Uint8Array>> {
  const specs = planDecoder(SPEC).flatMap(({ weights }) => weights);
  const file = NETWORK_FILES.decoder;
  const { manifest, bytes } = packWeights(
    specs,
    new Map(
      specs.map(({ name, shape }) => [
        name,
        { values: new Uint8Array(size(shape)).fill(1), scale: 0.125, min: 0 },
      ]),
    ),
    file.weights,
  );
  const files = new Map([
    [SAMPLER_FILE, packMixture(normalMixture(latentDim(SPEC)))],
    [file.model, stringifyJson({ format: "layers-model", weightsManifest: manifest })],
    [file.weights, bytes],
  ]);
  const loss = { reconstruction: 0, kl: 0, total: 0 };
  const card: Card = {
    schema: CARD_SCHEMA,
    name: "tiny",
    spec: SPEC,
    scheme: SCHEME,
    training: {},
    source: { revision: "", trainer: "", backend: "", wallSeconds: 0 },
    data: { name: "", url: "", licence: "", files: {} },
    history: [{ epoch: 1, seconds: 0, training: loss, validation: loss }],
    metrics: { validationImages: 0, float: loss, quantized: loss, pixelError: { mean: 0, p999: 0, max: 0 } },
    golden: [],
    files: Object.fromEntries(await Promise.all([...files].map(listFile))),
  };
  const cardBytes = stringifyJson(card);
  const cardSha256 = await sha256(cardBytes);
  const version = versionOf(cardSha256);
  const published = { version, sha256: cardSha256, publishedAt: "2000-01-01T00:00:00.000Z" };
  const catalog = {
    schema: CATALOG_SCHEMA,
    default: "tiny",
    models: { tiny: { stable: version, canary: null, history: [published] } },
  };
  return new Map([
    [CATALOG_KEY, stringifyJson(catalog)],
    [releaseKey("tiny", version, CARD_FILE), cardBytes],
    ...[...files].map(([name, body]) => [releaseKey("tiny", version, name), body] as const),
  ]);
}

async function listFile([name, body]: [string, Uint8Array]) {
  return [name, { bytes: body.byteLength, sha256: await sha256(body) }] as const;
}
