// Typical inputs of a model's two networks, which quantization keeps the outputs for.

import { createEncoder } from "../../shared/decoder/encoder.ts";
import { embedCodes, nearestCodes } from "../../shared/latent/codebook.ts";
import { sampleLatent } from "../../shared/latent/gaussian.ts";
import { size } from "../../shared/model/spec.ts";
import type { Weights } from "../../shared/model/weights.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import { modelInputs } from "../data/batch.ts";
import type { Dataset } from "../data/dataset.ts";
import { CODEBOOK_TENSORS } from "../latent/codes/bottleneck.ts";
import type { TrainingConfig } from "../train/config.ts";

/** Enough that the covariances of the widest layers settle. */
const CALIBRATION_IMAGES = 1000;

/**
 * Training images as the model sees them; and latents, half of them the images' means, half draws from N(0, I) as seeds
 * are. For a model with codes, the embeddings of the images' codes.
 */
export function calibrationInputs(
  config: TrainingConfig,
  tensors: Weights,
  data: Dataset,
  training: Uint32Array,
) {
  const { spec } = config;
  const pixels = size(spec.input);
  const chosen = training.subarray(0, CALIBRATION_IMAGES);
  const flat = modelInputs(data, chosen, config);
  const images = Array.from(chosen, (_, i) => flat.subarray(i * pixels, (i + 1) * pixels));
  const { encode } = createEncoder(loadDecodeKernels(), spec, tensors);
  if (spec.codes) {
    const codebook = { ...spec.codes.codebook, embeddings: tensors.get(CODEBOOK_TENSORS.embeddings)! };
    return {
      images,
      latents: images.map((image) => embedCodes(nearestCodes(encode(image), codebook), codebook)),
    };
  }
  const means = images.map((image) => encode(image).slice(0, spec.latentDim));
  const draws = images.map((_, i) => sampleLatent(`calibration/${i}`, spec.latentDim));
  return { images, latents: [...means, ...draws] };
}
