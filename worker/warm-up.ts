// Runs first requests of every kind over a tiny release in memory when an isolate starts, so that the code they need is
// compiled before anyone waits for it: start-up is no request's time.

import { warmUp as warmUpKernels } from "../shared/decoder/warm-up.ts";
import { CURRENT_FORMAT } from "../shared/image/picture-format.ts";
import {
  CLASSES,
  type Mixture,
  packMixture,
  SAMPLER_FILE,
  triangleSize,
  unpackMixture,
} from "../shared/latent/gaussian/mixture.ts";
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
import { kernels } from "./models/kernels.ts";
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
const SAMPLER_READS = 4;
/** More than any model's, until the reading of cards is optimized. */
const EPOCHS = 160;
const SAMPLES = ["", "&sampler=prior", "&size=56&fg=f00&bg=transparent", "&format=svg", "&format=json"];
const WALKS = ["", "&format=apng"];
const SHEETS = ["", "&format=svg"];

export async function warmUp(): Promise<void> {
  warmUpKernels(kernels);
  // A sampler of the usual size, until its loops are optimized.
  const sampler = packMixture(mixtureOf(16, 8));
  for (let i = 0; i < SAMPLER_READS; i++) unpackMixture(sampler);
  const objects = await tinyBucket();
  const get = async (key: string) => {
    const body = objects.get(key)!;
    return { body, size: body.byteLength, etag: key, arrayBuffer: async () => body.slice().buffer };
  };
  const bucket = { get } as unknown as ReadableBucket;
  const store = createModelStore(
    bucket,
    () => 0,
    () => {},
    { timing: { timeoutMs: Number.POSITIVE_INFINITY, pausesMs: [] } },
  );
  const model = await store.load(await store.resolve(undefined));
  const draw = ({ parse }: Pick<typeof sample, "parse">, text: string, parts: Record<string, string>) => {
    const { query, draw } = parse(`?${text}`, parts);
    draw(model, "", RENDERERS[CURRENT_FORMAT](query));
  };
  for (const text of SAMPLES) draw(sample, `seed=a${text}`, {});
  for (const text of WALKS) draw(interpolate, `from=a&to=b&steps=2${text}`, {});
  for (const text of SHEETS) {
    draw(grid, `seed=a&rows=1&cols=2${text}`, {});
    draw(number, `seed=a${text}`, { digits: "01" });
  }
  // A reply with a body may not be made outside of a request; one without may.
  const app = createApp(store);
  // Random ids are not to be had at start-up.
  const headers = { "If-None-Match": "*", "cf-ray": "warm-up-request" };
  for (const path of ["/sample?seed=a", "/sample?seed=a&digit=1&sampler=mixture"]) {
    await app.request(path, { headers });
  }
}

/** As many equal components per digit as asked for. */
function mixtureOf(latentDim: number, count: number): Mixture {
  const factor = new Float32Array(triangleSize(latentDim)).fill(1);
  const component = { weight: Math.fround(1 / count), mean: new Float32Array(latentDim), factor };
  const components = Array.from({ length: count }, () => component);
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
      specs.map(({ name, shape }, index) => [
        name,
        index === 0
          ? { values: new Uint8Array(size(shape)).fill(1), scale: 0.125, min: 0 }
          : new Float32Array(size(shape)),
      ]),
    ),
    file.weights,
  );
  const files = new Map([
    [SAMPLER_FILE, packMixture(mixtureOf(latentDim(SPEC), 1))],
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
    history: Array.from({ length: EPOCHS }, () => ({
      epoch: 1,
      seconds: 0,
      training: loss,
      validation: loss,
    })),
    metrics: { validationImages: 0, float: loss, quantized: loss, pixelError: { mean: 0, p999: 0, max: 0 } },
    golden: [],
    files: Object.fromEntries(
      await Promise.all(
        [...files].map(async ([name, body]) => [
          name,
          { bytes: body.byteLength, sha256: await sha256(body) },
        ]),
      ),
    ),
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
