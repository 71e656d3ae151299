// Turns a finished run into a release folder: quantized networks in tfjs's format, preview, and the card with the
// digest of each. Nothing is published here.

import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { createDecoder } from "../../shared/decoder/decoder.ts";
import { encodePng } from "../../shared/image/png.ts";
import type { GreyImage } from "../../shared/image/raster.ts";
import { tileImages } from "../../shared/image/sheet.ts";
import { openLatent, schemeOf } from "../../shared/latent/kind.ts";
import type { PlannedLayer } from "../../shared/model/layers.ts";
import { planDecoder, planEncoder } from "../../shared/model/plan.ts";
import { size } from "../../shared/model/spec.ts";
import { storedSpec } from "../../shared/model/stored-spec.ts";
import { packWeights, unpackWeights, type Weights } from "../../shared/model/weights.ts";
import { fromMemory } from "../../shared/release/open.ts";
import {
  CARD_FILE,
  CARD_SCHEMA,
  type Card,
  NETWORK_FILES,
  PREVIEW_FILE,
  sha256,
  stringifyJson,
  versionOf,
} from "../../shared/release/release.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import { selectBackend } from "../backend/registry.ts";
import { modelInputs } from "../data/batch.ts";
import { type Dataset, labelsOf } from "../data/dataset.ts";
import { GateError, RunError } from "../errors.ts";
import { kindOf } from "../latent/kind.ts";
import { likelihoodOf } from "../model/likelihood.ts";
import { buildStack } from "../model/vae.ts";
import { meaningfulConfig, type TrainingConfig } from "../train/config.ts";
import { openRun } from "../train/open-run.ts";
import { resumeCommand } from "../train/run-folder.ts";
import { isFinished } from "../train/schedule.ts";
import type { CodeVersion } from "./code-version.ts";
import { checkGate, measureQuantization } from "./measure.ts";
import { quantizeNetwork } from "./quantize.ts";

/** Enough for stable covariances of the widest layers. */
const CALIBRATION_IMAGES = 1000;
/** Seeds whose pixels the card promises. */
const GOLDEN_SEEDS = Array.from({ length: 16 }, (_, i) => String(i));

/** With the version of the code, for the card. */
export interface Assembly extends CodeVersion {
  readonly run: string;
  readonly config: TrainingConfig;
  /** Name of the model in the catalog. */
  readonly name: string;
  /** Throws if quantization costs too much; by default the gate of a release. An evaluation only reports the cost. */
  readonly gate?: (metrics: Card["metrics"]) => void;
  readonly onProgress?: (task: string, done: number, total: number) => void;
}

export interface Release {
  readonly card: Card;
  readonly cardSha256: string;
  readonly version: string;
  readonly folder: string;
}

/**
 * Builds the release of a run into `<run>/release/<version>`.
 * @throws RunError if the run is unfinished, GateError if it diverged or quantization costs too much
 */
export async function assembleRelease(assembly: Assembly): Promise<Release> {
  const { run, config, name } = assembly;
  const { spec } = config;
  const opened = await openRun(run, config);
  const { history, stages, tensors, source, digests, data, split } = opened;
  if (!isFinished(config, history)) {
    throw new RunError(
      `${run} has ${history.length} of ${config.epochs} epochs; finish it with "${resumeCommand(run)}"`,
    );
  }
  const kind = kindOf(spec);
  for (const { name: stage, epochs } of kind.stages) {
    const [done, all] = [stages[stage]?.length ?? 0, epochs(config)];
    if (done >= all) continue;
    throw new RunError(
      `${run} has ${done} of the ${stage}'s ${all} epochs; finish it with "${resumeCommand(run)}"`,
    );
  }

  // tfjs writes the topology, and computes distances between latents.
  await selectBackend("wasm");
  // Quantize for typical inputs, and read back what a reader will get.
  const plans = { encoder: planEncoder(spec), decoder: planDecoder(spec) };
  const typical = typicalInputs(config, tensors, data, split.training);
  const encoder = await packNetwork(name, "encoder", plans.encoder, tensors, typical.images);
  const decoder = await packNetwork(name, "decoder", plans.decoder, tensors, typical.latents);

  const packed = await kind.pack(opened);

  // Measure the cost, and stop if it is too high.
  const measured = measureQuantization(
    spec,
    { encoder: tensors, decoder: tensors, passage: packed.passages.float },
    { encoder: encoder.weights, decoder: decoder.weights, passage: packed.passages.quantized },
    { images: modelInputs(data, split.validation, config), labels: labelsOf(data, split.validation) },
    { seed: `${config.seed}/measure`, nllOf: likelihoodOf(config).nllOf },
    (done) => assembly.onProgress?.("measuring", done, split.validation.length),
  );
  const { latentShift } = packed;
  const metrics = { ...measured, ...(latentShift !== undefined && { latentShift }) };
  checkFinite(run, metrics);
  (assembly.gate ?? checkGate)(metrics);

  const latentFiles = await packed.files((done, total) => assembly.onProgress?.("fitting", done, total));

  // Write the files, then the card with their digests.
  const engine = createDecoder(loadDecodeKernels(), spec, decoder.weights);
  const sizes = Object.fromEntries(
    [...latentFiles].map(([file, { byteLength: bytes }]) => [file, { bytes }]),
  );
  const latent = await openLatent(spec, sizes, fromMemory(latentFiles), loadDecodeKernels);
  const draw = (seed: string) => engine.image(latent.draw(seed, {}).latent);
  const files = new Map([
    ...encoder.files,
    ...decoder.files,
    ...latentFiles,
    [PREVIEW_FILE, drawPreview(draw)],
  ]);
  const card: Card = {
    schema: CARD_SCHEMA,
    name,
    spec,
    scheme: schemeOf(spec),
    training: trainingOf(config),
    source: {
      revision: assembly.revision,
      trainer: assembly.trainer,
      backend: opened.backend,
      wallSeconds: [...history, ...Object.values(stages).flat()].reduce(
        (sum, { seconds }) => sum + seconds,
        0,
      ),
    },
    data: { name: source.name, url: source.url, licence: source.licence, files: digests },
    history: [...history],
    metrics,
    ...stages,
    golden: await Promise.all(
      GOLDEN_SEEDS.map(async (seed) => ({
        seed,
        sha256: await sha256(draw(seed).pixels),
      })),
    ),
    files: Object.fromEntries(
      await Promise.all(
        [...files].map(async ([file, body]) => [
          file,
          { bytes: body.byteLength, sha256: await sha256(body) },
        ]),
      ),
    ),
  };
  const cardBytes = stringifyJson({ ...card, spec: storedSpec(spec) });
  const cardSha256 = await sha256(cardBytes);
  const version = versionOf(cardSha256);
  const folder = join(run, "release", version);
  await writeFolder(folder, new Map([...files, [CARD_FILE, cardBytes]]));
  return { card, cardSha256, version, folder };
}

/** Training images and latents as encoder and decoder get them: quantization preserves their outputs for these. */
function typicalInputs(config: TrainingConfig, tensors: Weights, data: Dataset, training: Uint32Array) {
  const { spec } = config;
  const pixels = size(spec.input);
  const chosen = training.subarray(0, CALIBRATION_IMAGES);
  const flat = modelInputs(data, chosen, config);
  const images = Array.from(chosen, (_, i) => flat.subarray(i * pixels, (i + 1) * pixels));
  return { images, latents: kindOf(spec).typicalLatents(spec, tensors, images, labelsOf(data, chosen)) };
}

/** The configuration without the spec, which the card stores separately. */
function trainingOf(config: TrainingConfig): Card["training"] {
  const { spec: _, ...training } = meaningfulConfig(config, kindOf(config.spec));
  return training;
}

/** JSON has no NaN or infinity, so a card could not store them. */
function checkFinite(run: string, { float, quantized }: Card["metrics"]): void {
  for (const [weights, { total }] of Object.entries({ float, quantized })) {
    if (Number.isFinite(total)) continue;
    throw new GateError(`${run} diverged: the validation loss of its ${weights} weights is ${total} nats`);
  }
}

async function packNetwork(
  name: string,
  network: keyof typeof NETWORK_FILES,
  plan: readonly PlannedLayer[],
  tensors: Weights,
  typicalInputs: readonly Float32Array[],
) {
  const specs = plan.flatMap((planned) => planned.weights);
  const file = NETWORK_FILES[network];
  const { manifest, bytes } = packWeights(specs, quantizeNetwork(plan, tensors, typicalInputs), file.weights);
  const model = stringifyJson({
    format: "layers-model",
    generatedBy: `TensorFlow.js tfjs-layers v${tf.version_layers}`,
    convertedBy: null,
    modelTopology: await topologyOf(`${name}_${network}`, plan),
    weightsManifest: manifest,
  });
  const files = new Map([
    [file.model, model],
    [file.weights, bytes],
  ]);
  return { files, weights: unpackWeights(specs, manifest, bytes) };
}

/** The layers-model topology that tfjs writes for a stack, including the final sigmoid. */
async function topologyOf(name: string, plan: readonly PlannedLayer[]): Promise<unknown> {
  const model = buildStack(plan, "probabilities", name);
  let topology: unknown;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      topology = artifacts.modelTopology;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  model.dispose();
  return topology;
}

/** Eight by eight digits of the seeds "0" to "63", as the Worker draws them. */
function drawPreview(draw: (seed: string) => GreyImage): Uint8Array {
  const images = Array.from({ length: 64 }, (_, i) => draw(String(i)));
  return encodePng(tileImages(images, 8));
}

/** Writes a whole folder or nothing. */
async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const temporary = `${folder}.partial`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  for (const [file, body] of files) await writeFile(join(temporary, file), body);
  await rm(folder, { recursive: true, force: true });
  await rename(temporary, folder);
}
