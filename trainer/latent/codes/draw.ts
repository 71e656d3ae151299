// What a prior in training draws, through the engine that serves.

import { createDecoder } from "../../../shared/decoder/decoder.ts";
import { encodePng } from "../../../shared/image/png.ts";
import { tileImages } from "../../../shared/image/sheet.ts";
import { createCodeModel } from "../../../shared/latent/codes/code-model.ts";
import { DIGITS, planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import { createCodeSampler } from "../../../shared/latent/sampler.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import type { TrainingConfig } from "../../train/config.ts";
import { CODEBOOK_TENSORS } from "./bottleneck.ts";

const ROWS = 8;

/**
 * A PNG with a digit of each kind in every row; the same seeds in every epoch, so that progress can be seen.
 * @param first  the weights of the first stage
 * @param prior  those of the prior
 */
export function drawCodes({ spec, seed }: TrainingConfig, first: Weights, prior: Weights): Uint8Array {
  const plan = planPrior(spec);
  const kernels = loadDecodeKernels();
  const weights = new Map([
    ...prior,
    [plan.codebook.name, first.get(CODEBOOK_TENSORS.embeddings)!],
    [plan.digits.name, new Float32Array(DIGITS).fill(1 / DIGITS)],
  ]);
  const { draw } = createCodeSampler(createCodeModel(kernels, spec, weights));
  const decoder = createDecoder(kernels, spec, first);
  const latents = Array.from({ length: ROWS * DIGITS }, (_, i) =>
    draw(`${seed}/sample/${i}`, { digit: i % DIGITS }),
  ).map(({ latent }) => latent);
  return encodePng(tileImages(decoder.images(latents), DIGITS));
}
