// The flow and the reader of a finished run: as they were learned, and as a release holds them.

import { FLOW_FILES, FLOW_FORMAT } from "../../../shared/latent/flow/kind.ts";
import { createFlowLatent, type FlowLatent } from "../../../shared/latent/flow/latent.ts";
import type { FlowSpec } from "../../../shared/latent/flow/spec.ts";
import { withGrain } from "../../../shared/latent/grain.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { hasNoise, type ModelSpec } from "../../../shared/model/spec.ts";
import type { StoredWeights, Weights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { digitShares, labelsOf } from "../../data/dataset.ts";
import type { TrainingConfig } from "../../train/config.ts";
import { posteriorSample } from "../gaussian/posterior-sample.ts";
import type { FinishedRun, PackedLatent } from "../latent-kind.ts";
import { packRounded } from "../pack.ts";
import { readStage } from "../stages.ts";
import { readStudent } from "./distil.ts";
import { readTuned } from "./fine-tune.ts";
import { untunedWeights } from "./generator.ts";
import { digestOfEncoder } from "./posteriors.ts";
import { READER, readerWeights } from "./reader.ts";
import { planOf } from "./stage.ts";
import { FLOW } from "./train-flow.ts";

/** Seeds whose latents say what rounding costs. */
const MEASURED = 500;

/** @throws RunError when a stage has no epoch, or learned from other weights */
export async function packFlow(run: FinishedRun): Promise<PackedLatent> {
  const { spec } = run.config;
  const plan = planOf(run.config);
  const float = await readFloatWeights(run);
  const { files, packed } = packRounded(FLOW_FILES, FLOW_FORMAT, plan.weights, float);
  const deviation = float.get(plan.deviation.name)!;
  return {
    latentShift: shiftOf(openWeights(spec, float), openWeights(spec, packed), deviation),
    passages: { float: posteriorSample, quantized: posteriorSample },
    files: async () => files,
  };
}

/**
 * The flow and the reader as they were learned.
 * @throws RunError when a stage has no epoch, or learned from other weights
 */
export async function openFloat(run: FinishedRun): Promise<FlowLatent> {
  const { spec } = run.config;
  const latent = openWeights(spec, await readFloatWeights(run));
  return hasNoise(spec) ? withGrain(latent, latentDim(spec)) : latent;
}

/** A run's decoder as it was fine-tuned, if it was, beside the encoder of its first stage. */
export async function tunedTensors(folder: string, config: TrainingConfig, first: Weights): Promise<Weights> {
  return new Map([...first, ...(await readLast(folder, config, first))]);
}

/** Flow and decoder as the last stage left them, or as it would have begun with them. */
async function readLast(
  folder: string,
  { spec, fineTuningSteps }: TrainingConfig,
  first: Weights,
): Promise<Weights> {
  if (fineTuningSteps > 0) return readTuned(folder, spec, first);
  return untunedWeights(spec, first, await readStudent(folder, spec, first));
}

async function readFloatWeights({ folder, config, tensors, data, split }: FinishedRun): Promise<Weights> {
  const basis = digestOfEncoder(config.spec, tensors);
  const plan = planOf(config);
  const flow = await readStage(folder, FLOW, basis);
  const reader = await readStage(folder, READER, basis);
  const shares = digitShares(labelsOf(data, split.training));
  const standard = [plan.mean, plan.deviation].map(({ name }) => [name, flow.tensors.get(name)!] as const);
  return new Map([
    ...(await readLast(folder, config, tensors)),
    ...readerWeights(plan, reader.tensors),
    ...standard,
    [plan.shares.name, shares],
  ]);
}

function openWeights({ latent }: ModelSpec, weights: StoredWeights): FlowLatent {
  return createFlowLatent(loadDecodeKernels(), latent as FlowSpec, weights);
}

/** Root mean square of the difference between what two draw, in deviations. */
function shiftOf(a: FlowLatent, b: FlowLatent, deviation: Float32Array): number {
  const seeds = Array.from({ length: MEASURED }, (_, i) => ({ seed: `shift/${i}` }));
  const [drawn, moved] = [a.drawAll(seeds), b.drawAll(seeds)];
  const squares = drawn.flatMap(({ latent }, i) =>
    Array.from(latent, (value, j) => ((value - moved[i]!.latent[j]!) / deviation[j]!) ** 2),
  );
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}
