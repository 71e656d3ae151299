// Evaluates a model with a flow: as one with a Gaussian latent, but for what it draws.

import { createDecoder } from "../../../shared/decoder/decoder.ts";
import type { FlowLatent } from "../../../shared/latent/flow/latent.ts";
import type { LatentChoice } from "../../../shared/latent/latent-kind.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { SEED } from "../../evaluate/evaluation-set.ts";
import { evaluateGaussian } from "../gaussian/evaluate.ts";
import type { LatentKind } from "../latent-kind.ts";

export const FLOW_DRAWS = "flow";
const BATCH = 12;

export const evaluateFlow: LatentKind["evaluate"] = async (subject, set, options) => {
  const measured = await evaluateGaussian(subject, set, options);
  const { logits } = createDecoder(loadDecodeKernels(), subject.spec, subject.decoder, { maxBatch: BATCH });
  const draw = (choiceOf: (digit: number) => LatentChoice) => {
    const requests = Array.from(set.labels, (digit, i) => ({ ...choiceOf(digit), seed: `${SEED}/${i}` }));
    const draws = (subject.latent as FlowLatent).drawAll(requests);
    return logits(Float32Array.from(draws.flatMap(({ latent }) => [...latent])));
  };
  return {
    ...measured,
    draws: [
      { name: FLOW_DRAWS, digits: set.labels, logits: () => draw((digit) => ({ digit })) },
      { name: `${FLOW_DRAWS}, digits by their shares`, logits: () => draw(() => ({})) },
    ],
  };
};
