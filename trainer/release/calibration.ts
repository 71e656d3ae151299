// Typical inputs of a model's two networks, which quantization keeps the outputs for.

import { size } from "../../shared/model/spec.ts";
import type { Weights } from "../../shared/model/weights.ts";
import { modelInputs } from "../data/batch.ts";
import type { Dataset } from "../data/dataset.ts";
import { kindOf } from "../latent/kind.ts";
import type { TrainingConfig } from "../train/config.ts";

/** Enough that the covariances of the widest layers settle. */
const CALIBRATION_IMAGES = 1000;

/** Training images as the model sees them, and latents as its decoder will. */
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
  return { images, latents: kindOf(spec).typicalLatents(spec, tensors, images) };
}
