// Evaluates a conditional VAE: as one with a Gaussian latent, with all losses given the digit.

import { createDecoder } from "../../../shared/decoder/decoder.ts";
import { createNetwork } from "../../../shared/decoder/network.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import { headsOf, joinDigit } from "../../../shared/latent/conditional/latent.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { planEncoder } from "../../../shared/model/plan.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { SEED, type Subject } from "../../evaluate/evaluation-set.ts";
import { runNetwork } from "../../math/run-network.ts";
import { type Autoencoder, splitHeads } from "../gaussian/autoencoder.ts";
import { evaluateGaussian } from "../gaussian/evaluate.ts";
import type { LatentKind } from "../latent-kind.ts";
import { latentsOf } from "../points.ts";

export const CONDITIONAL_DRAWS = "N(0, I), given the digit";
const BATCH = 12;

export const evaluateConditional: LatentKind["evaluate"] = async (subject, set, options) => {
  const measured = await evaluateGaussian(subject, set, options, { model: createAutoencoder(subject) });
  const { latent, spec, decoder } = subject;
  const { logits } = createDecoder(loadDecodeKernels(), spec, decoder, { maxBatch: BATCH });
  const requests = Array.from(set.labels, (digit, i) => ({ seed: `${SEED}/${i}`, digit }));
  return {
    ...measured,
    draws: [
      {
        name: CONDITIONAL_DRAWS,
        digits: set.labels,
        logits: () => logits(latentsOf(latent.drawAll(requests))),
      },
    ],
  };
};

/** z alone is the latent; the digit comes with every image. */
function createAutoencoder({ spec, encoder, decoder }: Subject): Autoencoder {
  const dim = latentDim(spec) - CLASSES;
  const kernels = loadDecodeKernels();
  const network = createNetwork(kernels, planEncoder(spec), encoder, BATCH);
  const { logits } = createDecoder(kernels, spec, decoder, { maxBatch: BATCH });
  return {
    latentDim: dim,
    encode: ({ images, labels }) => {
      const outputs = runNetwork(network, images);
      const each = outputs.length / labels.length;
      const heads = new Float32Array(labels.length * 2 * dim);
      for (const [i, digit] of labels.entries()) {
        heads.set(headsOf(outputs.subarray(i * each, (i + 1) * each), digit), i * 2 * dim);
      }
      return splitHeads(heads, dim);
    },
    decode: (latents, digits) =>
      logits(
        Float32Array.from(
          Array.from(digits, (digit, i) => [
            ...joinDigit(latents.subarray(i * dim, (i + 1) * dim), digit),
          ]).flat(),
        ),
      ),
  };
}
