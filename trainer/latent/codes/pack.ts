// The codebook and the prior of a finished run: as they were learned, and as a release holds them.

import { CODES_FILES, CODES_FORMAT } from "../../../shared/latent/codes/kind.ts";
import { type CodesLatent, createCodesLatent } from "../../../shared/latent/codes/latent.ts";
import { planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { digitShares, labelsOf } from "../../data/dataset.ts";
import type { FinishedRun, PackedLatent, Passage } from "../latent-kind.ts";
import { packRounded } from "../pack.ts";
import { readStage } from "../stages.ts";
import { codesWeights } from "./draw.ts";
import { digestOfCodes, PRIOR } from "./train-prior.ts";

/**
 * Rounds the prior's convolutions and tables to uint8. The codebook, and the two ends of the prior, where half of the cost
 * of rounding arises, stay float32: 12 KB.
 * @throws RunError when the prior has no epoch, or learned from other weights
 */
export async function packCodes(run: FinishedRun): Promise<PackedLatent> {
  const { spec } = run.config;
  const float = await readFloatWeights(run);
  const plan = planPrior(spec);
  const precise = new Set([plan.codebook, plan.embedding, plan.output]);
  const { files, packed } = packRounded(CODES_FILES, CODES_FORMAT, plan.weights, float, precise);
  const passageOf = (weights: typeof packed | Weights) =>
    passage(createCodesLatent(loadDecodeKernels(), spec, weights));
  return {
    passages: { float: passageOf(float), quantized: passageOf(packed) },
    files: async () => files,
  };
}

/** The codes' embeddings, and what the codes cost under their digit's prior. */
function passage({ encode, nats }: CodesLatent): Passage {
  return (outputs, _noise, label) => {
    const { latent, values } = encode(outputs);
    return { z: latent, kl: nats(values, label) };
  };
}

/**
 * The codebook and the prior as they were learned.
 * @throws RunError when the prior has no epoch, or learned from other weights
 */
export async function openFloat(run: FinishedRun): Promise<CodesLatent> {
  return createCodesLatent(loadDecodeKernels(), run.config.spec, await readFloatWeights(run));
}

async function readFloatWeights({ folder, config, tensors, data, split }: FinishedRun): Promise<Weights> {
  const { spec } = config;
  const prior = await readStage(folder, PRIOR, digestOfCodes(spec, tensors));
  return codesWeights(spec, tensors, prior.tensors, digitShares(labelsOf(data, split.training)));
}
