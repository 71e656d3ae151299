// From a trained encoder and its images to the mixture that a release draws from: the means of q(z|x) of the training
// images, by class (Ghosh et al. 2020). The validation images decide the number of components. Each class is fitted to the
// latents that editing keeps; how often it is drawn is its share of all training images.

import { createEncoder } from "../../../shared/decoder/encoder.ts";
import type { Mixture } from "../../../shared/latent/gaussian/mixture.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import type { Weights } from "../../../shared/model/weights.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { modelInputs } from "../../data/batch.ts";
import type { Dataset } from "../../data/dataset.ts";
import { digitShares } from "../../data/dataset.ts";
import type { TrainingConfig } from "../../train/config.ts";
import { editLatents } from "./edit.ts";
import { fitMixture, type LabelledLatents } from "./fit.ts";

/**
 * Standard deviations grow by this much. Editing has cut off the tails of each class, and likelihood alone fits what is
 * left; on validation images a little more spread lowers the Fréchet distance, see docs/experiments.md.
 */
const WIDENING = 1.03;

/**
 * Needs a tfjs backend for the distances between latents.
 * @param weights  of the encoder
 * @param onProgress  told how many of the fits are done
 */
export async function fitSampler(
  config: TrainingConfig,
  weights: Weights,
  data: Dataset,
  split: { readonly training: Uint32Array; readonly validation: Uint32Array },
  onProgress: (done: number, total: number) => void,
): Promise<Mixture> {
  const dim = latentDim(config.spec);
  const means = posteriorMeans(config, weights, data);
  const all = means(split.training);
  const training = await editLatents(all, all, dim);
  const validation = await editLatents(means(split.validation), all, dim);
  const shares = digitShares(all.labels);
  return widen(fitMixture(training, dim, { shares, validation, onProgress }), WIDENING);
}

function widen(mixture: Mixture, by: number): Mixture {
  const classes = mixture.classes.map(({ prior, components }) => ({
    prior,
    components: components.map((component) => ({
      ...component,
      factor: component.factor.map((value) => by * value),
    })),
  }));
  return { ...mixture, classes };
}

/** Means of q(z|x) with the labels of their images. */
function posteriorMeans(config: TrainingConfig, weights: Weights, data: Dataset) {
  const { spec } = config;
  const { encode } = createEncoder(loadDecodeKernels(), spec, weights);
  return (indices: Uint32Array): LabelledLatents => {
    const latents = new Float32Array(indices.length * latentDim(spec));
    const labels = new Uint8Array(indices.length);
    for (const [i, index] of indices.entries()) {
      const image = modelInputs(data, Uint32Array.of(index), config);
      latents.set(encode(image).subarray(0, latentDim(spec)), i * latentDim(spec));
      labels[i] = data.labels[index]!;
    }
    return { latents, labels };
  };
}
