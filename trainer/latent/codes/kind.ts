// Grids of codes: a VQ-VAE (van den Oord et al. 2017), and after it an autoregressive prior over its codes.

import { createEncoder } from "../../../shared/decoder/encoder.ts";
import { embedCodes, nearestCodes } from "../../../shared/latent/codes/codebook.ts";
import { codeGrid } from "../../../shared/latent/codes/grid.ts";
import { planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import { createCodeSampler } from "../../../shared/latent/sampler.ts";
import { dequantize, storedTensor } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { digitShares, labelsOf } from "../../data/dataset.ts";
import type { LatentKind } from "../latent-kind.ts";
import { CODEBOOK_TENSORS, createQuantizer } from "./bottleneck.ts";
import { createCodedModel, evaluateCodes } from "./evaluate.ts";
import { packCodes, readFloatCodes } from "./pack.ts";
import { codesReport } from "./report.ts";
import { readPriorHistory, trainPrior } from "./train-prior.ts";

/** The grid's size follows from the layers, and the loss has no KL to weigh. */
const FOR_GAUSSIAN = "a model with codes does not use it";

export const codesKind: LatentKind = {
  described: "with codes",
  meaningless: {
    latent: FOR_GAUSSIAN,
    hidden: FOR_GAUSSIAN,
    beta: FOR_GAUSSIAN,
    warmup: FOR_GAUSSIAN,
    binarise: "the prior would learn the codes of grey images",
  },
  // Those that have the quantizer's and the gate's operations.
  backends: ["wasm", "cpu"],
  checkSpec: planPrior,
  createBottleneck: createQuantizer,
  trainSecondStage: trainPrior,
  readSecondHistory: readPriorHistory,
  // The embeddings of the images' codes.
  typicalLatents: (spec, tensors, images) => {
    const { encode } = createEncoder(loadDecodeKernels(), spec, tensors);
    const codebook = { ...codeGrid(spec), embeddings: tensors.get(CODEBOOK_TENSORS.embeddings)! };
    return images.map((image) => embedCodes(nearestCodes(encode(image), codebook), codebook));
  },
  packSecondStage: packCodes,
  hasBound: false,
  evaluate: ({ codes, ...networks }, set, { onProgress }) =>
    evaluateCodes({ ...networks, codes: codes! }, set, onProgress),
  readFloat: async (folder, tensors, { spec, codes: released }) => {
    const shares = dequantize(storedTensor(released!, planPrior(spec).digits));
    const codes = (await readFloatCodes(folder, spec, tensors, shares)).weights;
    return { spec, encoder: tensors, decoder: tensors, codes };
  },
  openRun: async ({ folder, config: { spec }, tensors, data, split }) => {
    const shares = digitShares(labelsOf(data, split.training));
    const { weights, history } = await readFloatCodes(folder, spec, tensors, shares);
    const model = createCodedModel({ spec, encoder: tensors, decoder: tensors, codes: weights });
    return {
      draws: { sampler: createCodeSampler(model.codes), priorHistory: history },
      latentsOf: (images) => model.embed(model.encode(images)),
    };
  },
  report: codesReport,
};
