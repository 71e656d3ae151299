// Latents that a flow draws (Dai & Wipf 2019): a VAE with a small weight of the KL, after it a class-conditional flow over its
// latents, and at last flow and decoder together against critics.

import { flowKind as served } from "../../../shared/latent/flow/kind.ts";
import { BY_OPERATIONS } from "../backends.ts";
import { forCodes } from "../codes/options.ts";
import { gaussianKind } from "../gaussian/kind.ts";
import type { LatentKind } from "../latent-kind.ts";
import { DISTILLATION } from "./distil.ts";
import { evaluateFlow } from "./evaluate.ts";
import { FINE_TUNING } from "./fine-tune.ts";
import { flowDefaults } from "./options.ts";
import { openFloat, packFlow, tunedTensors } from "./pack.ts";
import { READER } from "./reader.ts";
import { flowReport } from "./report.ts";
import { FLOW } from "./train-flow.ts";

export const flowKind: LatentKind = {
  ...gaussianKind,
  ...served,
  described: "with a flow",
  meaningless: {
    ...forCodes,
    objective: "its first stage is a beta-VAE",
    likelihood: "its first stage is a beta-VAE",
    binarise: "its critics compare grey images",
  },
  defaults: flowDefaults,
  backends: BY_OPERATIONS,
  stages: [FLOW, DISTILLATION, READER, FINE_TUNING],
  finalTensors: tunedTensors,
  pack: packFlow,
  openFloat,
  evaluate: evaluateFlow,
  report: flowReport,
};
