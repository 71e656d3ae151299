// The codebook and the prior of a finished run, as a release holds them.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type CodeModel, createCodeModel } from "../../../shared/latent/codes/code-model.ts";
import { planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import { createCodeSampler } from "../../../shared/latent/sampler.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import {
  isQuantized,
  packWeights,
  quantizeNearest,
  readWeights,
  type StoredWeights,
  type Weights,
} from "../../../shared/model/weights.ts";
import {
  CODES_FILES,
  CODES_FORMAT,
  type PriorEpoch,
  PriorEpochSchema,
  stringifyJson,
} from "../../../shared/release/release.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { digitShares, labelsOf } from "../../data/dataset.ts";
import { RunError } from "../../errors.ts";
import { readCheckpoint } from "../../train/checkpoint.ts";
import { PRIOR_CHECKPOINT_FILE, resumeCommand } from "../../train/run-folder.ts";
import type { FinishedRun, PackedStage, Passage } from "../latent-kind.ts";
import { CODEBOOK_TENSORS } from "./bottleneck.ts";
import { digestOfCodes } from "./train-prior.ts";

/**
 * Rounds the prior's convolutions and tables to uint8. The codebook, and the two ends of the prior, where half of the cost
 * of rounding arises, stay float32: 12 KB.
 * @throws RunError when the prior is unfinished, or learned from other weights
 */
export async function packCodes({ folder, config, tensors, data, split }: FinishedRun): Promise<PackedStage> {
  const { spec, priorEpochs } = config;
  const shares = digitShares(labelsOf(data, split.training));
  const { history, weights: float } = await readFloatCodes(folder, spec, tensors, shares);
  if (history.length < priorEpochs) {
    throw new RunError(
      `${folder} has ${history.length} of the prior's ${priorEpochs} epochs; finish it by "${resumeCommand(folder)}"`,
    );
  }
  const plan = planPrior(spec);
  const precise = new Set([plan.codebook, plan.embedding, plan.output]);
  const stored = new Map(
    plan.weights.map((tensor) => {
      const values = float.get(tensor.name)!;
      const isRounded = isQuantized(tensor) && !precise.has(tensor);
      return [tensor.name, isRounded ? quantizeNearest(tensor.name, values) : values] as const;
    }),
  );
  const { manifest, bytes } = packWeights(plan.weights, stored, CODES_FILES.weights);
  const packed = codeModel(spec, readWeights(plan.weights, manifest, bytes));
  const files = new Map([
    [CODES_FILES.model, stringifyJson({ format: CODES_FORMAT, weightsManifest: manifest })],
    [CODES_FILES.weights, bytes],
  ]);
  return {
    passages: { float: passage(codeModel(spec, float)), quantized: passage(packed) },
    finish: async () => ({ files, sampler: createCodeSampler(packed) }),
    history,
  };
}

/** The codes' embeddings, and what the codes cost under their digit's prior. */
function passage({ quantize, embed, nats }: CodeModel): Passage {
  return (outputs, _noise, label) => {
    const codes = quantize(outputs);
    return { z: embed(codes), kl: nats(codes, label) };
  };
}

/**
 * The codebook and the prior of a run as they were learned, and the history of the prior.
 * @param tensors  of the run's first stage
 * @param shares  of the digits, [digits]
 * @throws RunError when the prior has no epoch
 */
export async function readFloatCodes(
  run: string,
  spec: ModelSpec,
  tensors: Weights,
  shares: Float32Array,
): Promise<{ readonly weights: Weights; readonly history: readonly PriorEpoch[] }> {
  const path = join(run, PRIOR_CHECKPOINT_FILE);
  if (!existsSync(path)) {
    throw new RunError(`${run} has no prior yet; train it by "${resumeCommand(run)}"`);
  }
  const prior = await readCheckpoint(path, PriorEpochSchema);
  if (prior.basis !== digestOfCodes(spec, tensors)) {
    throw new RunError(
      `${path} was trained on other codes than ${run} has; delete it, then train it again by "${resumeCommand(run)}"`,
    );
  }
  const plan = planPrior(spec);
  const weights = new Map([
    ...prior.tensors,
    [plan.codebook.name, tensors.get(CODEBOOK_TENSORS.embeddings)!],
    [plan.digits.name, shares],
  ]);
  return { weights, history: prior.history };
}

function codeModel(spec: ModelSpec, weights: StoredWeights) {
  return createCodeModel(loadDecodeKernels(), spec, weights);
}
