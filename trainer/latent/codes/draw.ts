// What a prior in training draws, through the engine that serves.

import { createDecoder } from "../../../shared/decoder/decoder.ts";
import { encodePng } from "../../../shared/image/png.ts";
import { tileImages } from "../../../shared/image/sheet.ts";
import { CLASSES } from "../../../shared/latent/classes.ts";
import { createCodesLatent } from "../../../shared/latent/codes/latent.ts";
import { planPrior } from "../../../shared/latent/codes/prior-plan.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import type { TrainingConfig } from "../../train/config.ts";
import { CODEBOOK_TENSORS } from "./bottleneck.ts";

const ROWS = 8;

/** All weights of a latent of codes, by the names of its plan. */
export function codesWeights(spec: ModelSpec, first: Weights, prior: Weights, shares: Float32Array): Weights {
  const { codebook, digits } = planPrior(spec);
  return new Map([...prior, [codebook.name, first.get(CODEBOOK_TENSORS.embeddings)!], [digits.name, shares]]);
}

/**
 * A PNG with a digit of each kind in every row; the same seeds in every epoch, so that progress can be seen.
 * @param first  the weights of the first stage
 * @param prior  those of the prior
 */
export function drawCodes({ spec, seed }: TrainingConfig, first: Weights, prior: Weights): Uint8Array {
  const kernels = loadDecodeKernels();
  const shares = new Float32Array(CLASSES).fill(1 / CLASSES);
  const { draw } = createCodesLatent(kernels, spec, codesWeights(spec, first, prior, shares));
  const decoder = createDecoder(kernels, spec, first);
  const latents = Array.from({ length: ROWS * CLASSES }, (_, i) =>
    draw(`${seed}/sample/${i}`, { digit: i % CLASSES }),
  ).map(({ latent }) => latent);
  return encodePng(tileImages(decoder.images(latents), CLASSES));
}
