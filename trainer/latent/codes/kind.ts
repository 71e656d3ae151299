// Grids of codes: a VQ-VAE (van den Oord et al. 2017), and after it an autoregressive prior over its codes.

import { createEncoder } from "../../../shared/decoder/encoder.ts";
import { embedCodes, nearestCodes } from "../../../shared/latent/codes/codebook.ts";
import { codeGrid } from "../../../shared/latent/codes/grid.ts";
import { codesKind as served } from "../../../shared/latent/codes/kind.ts";
import type { CodesLatent } from "../../../shared/latent/codes/latent.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { objectiveOptions } from "../../objectives/options.ts";
import { BY_OPERATIONS } from "../backends.ts";
import { forFlow } from "../flow/options.ts";
import type { LatentKind } from "../latent-kind.ts";
import { CODEBOOK_TENSORS, createQuantizer } from "./bottleneck.ts";
import { evaluateCodes } from "./evaluate.ts";
import { openFloat, packCodes } from "./pack.ts";
import { codesReport } from "./report.ts";
import { PRIOR } from "./train-prior.ts";

/** The grid's size follows from the layers, and the loss has no KL to weigh. */
const FOR_GAUSSIAN = "a model with codes does not use it";

export const codesKind: LatentKind = {
  ...served,
  described: "with codes",
  meaningless: {
    ...forFlow,
    latent: FOR_GAUSSIAN,
    hidden: FOR_GAUSSIAN,
    objective: FOR_GAUSSIAN,
    likelihood: FOR_GAUSSIAN,
    ...Object.fromEntries(Object.keys(objectiveOptions).map((option) => [option, FOR_GAUSSIAN])),
    binarise: "the prior would learn the codes of grey images",
    samples: "codes have no posterior to sample from",
  },
  backends: BY_OPERATIONS,
  createBottleneck: createQuantizer,
  stages: [PRIOR],
  // The KL of the first stage's uniform prior is one number for all epochs.
  lossesOn: (on, history, { prior = [] } = {}) => [
    ...history.map(({ epoch, [on]: { reconstruction } }) => ({ epoch, reconstruction })),
    ...prior.map(({ epoch, [on]: kl }) => ({ epoch, kl })),
  ],
  // The embeddings of the images' codes.
  typicalLatents: (spec, tensors, images) => {
    const { encode } = createEncoder(loadDecodeKernels(), spec, tensors);
    const codebook = { ...codeGrid(spec), embeddings: tensors.get(CODEBOOK_TENSORS.embeddings)! };
    return images.map((image) => embedCodes(nearestCodes(encode(image), codebook), codebook));
  },
  pack: packCodes,
  openFloat,
  evaluate: ({ latent, ...networks }, set, { onProgress }) =>
    evaluateCodes({ ...networks, latent: latent as CodesLatent }, set, onProgress),
  report: codesReport,
};
