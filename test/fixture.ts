// A small release with weights drawn from a seed: real in every byte, but never trained.

import { createGenerator, sampleNormal } from "../shared/arithmetic/random.ts";
import { createReferenceDecoder } from "../shared/decoder/reference.ts";
import { encodePng } from "../shared/image/png.ts";
import { CLASSES } from "../shared/latent/classes.ts";
import { CODES_FILES, CODES_FORMAT } from "../shared/latent/codes/kind.ts";
import { planPrior } from "../shared/latent/codes/prior-plan.ts";
import { FLOW_FILES, FLOW_FORMAT } from "../shared/latent/flow/kind.ts";
import { planFlow } from "../shared/latent/flow/plan.ts";
import { type Mixture, packMixture, SAMPLER_FILE, triangleSize } from "../shared/latent/gaussian/mixture.ts";
import { drawFromSeed } from "../shared/latent/gaussian/sample.ts";
import { latentDim, schemeOf } from "../shared/latent/kind.ts";
import type { LatentChoice } from "../shared/latent/latent-kind.ts";
import type { PlannedLayer } from "../shared/model/layers.ts";
import { planDecoder, planEncoder } from "../shared/model/plan.ts";
import { presets } from "../shared/model/presets.ts";
import { type ModelSpec, size, type WeightSpec } from "../shared/model/spec.ts";
import {
  isQuantized,
  packWeights,
  quantizeNearest,
  type StoredWeights,
  unpackWeights,
  type Weights,
} from "../shared/model/weights.ts";
import { CATALOG_SCHEMA, type Catalog } from "../shared/release/catalog.ts";
import {
  CARD_FILE,
  type Card,
  NETWORK_FILES,
  releaseKey,
  sha256,
  stringifyJson,
  versionOf,
} from "../shared/release/release.ts";
import { drawPriorWeights } from "./shared/latent/codes/code-models.ts";
import { drawFlowWeights } from "./shared/latent/flow/flow-models.ts";

export interface Fixture {
  readonly name: string;
  readonly version: string;
  readonly card: Card;
  readonly cardSha256: string;
  /** All files, the card among them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The decoder's weights as they were before packing. */
  readonly weights: Weights;
  readonly mixture: Mixture | undefined;
}

/** Weights drawn from N(0, scale^2), the same for the same seed. */
export function drawWeights(
  plan: readonly PlannedLayer[],
  seed: string,
  scale = 0.1,
): Map<string, Float32Array> {
  return new Map(
    plan.flatMap(({ weights }) =>
      weights.map(({ name, shape }) => {
        const values = sampleNormal(createGenerator(`${seed}/${name}`), new Float32Array(size(shape)));
        return [name, values.map((value) => value * scale)] as const;
      }),
    ),
  );
}

/** Ten classes of two components each, drawn from a seed. */
export function makeMixture(latentDim: number, seed: string): Mixture {
  const next = createGenerator(`${seed}/mixture`);
  const draw = (length: number, scale: number) =>
    sampleNormal(next, new Float32Array(length)).map((value) => Math.fround(value * scale));
  const component = (weight: number) => {
    const factor = draw(triangleSize(latentDim), 0.2);
    for (let i = 0; i < latentDim; i++) factor[triangleSize(i) + i] = 0.5;
    return { weight, mean: draw(latentDim, 1), factor };
  };
  const prior = Math.fround(0.1);
  return {
    latentDim,
    classes: Array.from({ length: CLASSES }, () => ({
      prior,
      components: [component(0.25), component(0.75)],
    })),
  };
}

/** @param mixture  put into the release as its sampler, where given */
export async function makeRelease(
  name: string,
  seed: string,
  spec: ModelSpec = presets.smoke,
  mixture?: Mixture,
): Promise<Fixture> {
  const plans = { decoder: planDecoder(spec), encoder: planEncoder(spec) };
  const files = new Map<string, Uint8Array>();
  for (const network of ["decoder", "encoder"] as const) {
    const file = NETWORK_FILES[network];
    const specs = plans[network].flatMap((planned) => planned.weights);
    const { manifest, bytes } = packWeights(
      specs,
      quantizeAll(specs, drawWeights(plans[network], seed)),
      file.weights,
    );
    files.set(
      file.model,
      stringifyJson({ format: "layers-model", modelTopology: {}, weightsManifest: manifest }),
    );
    files.set(file.weights, bytes);
  }
  if (mixture) files.set(SAMPLER_FILE, packMixture(mixture));
  files.set("preview.png", encodePng({ width: 1, height: 1, pixels: Uint8Array.of(128) }));
  if (spec.latent.kind === "codes") {
    const specs = planPrior(spec).weights;
    const { manifest, bytes } = packWeights(specs, drawPriorWeights(spec, seed, true), CODES_FILES.weights);
    files.set(CODES_FILES.model, stringifyJson({ format: CODES_FORMAT, weightsManifest: manifest }));
    files.set(CODES_FILES.weights, bytes);
  }
  if (spec.latent.kind === "flow") {
    const specs = planFlow(spec.latent).weights;
    const packed = drawFlowWeights(spec.latent, seed, true);
    const { manifest, bytes } = packWeights(specs, packed, FLOW_FILES.weights);
    files.set(FLOW_FILES.model, stringifyJson({ format: FLOW_FORMAT, weightsManifest: manifest }));
    files.set(FLOW_FILES.weights, bytes);
  }
  const weights = drawWeights(plans.decoder, seed);
  const digests = await Promise.all(
    [...files].map(
      async ([file, body]) => [file, { bytes: body.byteLength, sha256: await sha256(body) }] as const,
    ),
  );
  const loss = { reconstruction: 100, kl: 10, total: 110 };
  const card: Card = {
    schema: 1,
    name,
    spec,
    scheme: schemeOf(spec),
    training: { preset: "smoke", seed },
    source: { revision: "fixture", trainer: "0.0.0", backend: "none", wallSeconds: 1 },
    data: { name: "none", url: "https://example.com/", licence: "none", files: {} },
    history: [{ epoch: 1, seconds: 1, training: loss, validation: loss }],
    metrics: {
      validationImages: 1,
      float: loss,
      quantized: loss,
      pixelError: { mean: 0, p999: 0, max: 0 },
    },
    golden: [],
    files: Object.fromEntries(digests),
  };
  const cardBytes = stringifyJson(card);
  const cardSha256 = await sha256(cardBytes);
  files.set(CARD_FILE, cardBytes);
  return { name, version: versionOf(cardSha256), card, cardSha256, files, weights, mixture };
}

/** A catalog in which the last fixture of each name is stable, and the first name is the default. */
export function makeCatalog(fixtures: readonly Fixture[]): Catalog {
  const models: Catalog["models"] = {};
  for (const { name, version, cardSha256 } of fixtures) {
    const history = models[name]?.history ?? [];
    const publishedAt = "2026-01-01T00:00:00.000Z";
    models[name] = {
      stable: version,
      canary: null,
      history: [...history, { version, sha256: cardSha256, publishedAt }],
      changes: [],
    };
  }
  return { schema: CATALOG_SCHEMA, edition: 0, default: fixtures[0]!.name, models };
}

/** Bucket keys and bodies of a release. */
export function objectsOf({ name, version, files }: Fixture): [string, Uint8Array][] {
  return [...files].map(([file, body]) => [releaseKey(name, version, file), body]);
}

/** What a fixture draws, computed by the reference from its packed weights. */
export function expectedPixels(
  { card, mixture }: Fixture,
  seed: string,
  weights: Weights,
  choice: LatentChoice = {},
): Uint8Array {
  const latent = drawFromSeed(seed, choice, latentDim(card.spec), mixture).latent;
  return createReferenceDecoder(card.spec, weights).image(latent).pixels;
}

function quantizeAll(specs: readonly WeightSpec[], weights: Weights): StoredWeights {
  const stored = specs.map((spec) => {
    const values = weights.get(spec.name)!;
    return [spec.name, isQuantized(spec) ? quantizeNearest(spec.name, values) : values] as const;
  });
  return new Map(stored);
}

/** The decoder's weights as a reader of the release gets them. */
export function packedWeights({ card, weights }: Fixture): Weights {
  const specs = planDecoder(card.spec).flatMap((planned) => planned.weights);
  const { manifest, bytes } = packWeights(specs, quantizeAll(specs, weights), "weights.bin");
  return unpackWeights(specs, manifest, bytes);
}
