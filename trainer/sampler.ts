// From a trained encoder and its images to the mixture that a release draws from: the means of q(z|x) of every training
// image, by class (Ghosh et al. 2020). The validation images decide the number of components.

import { createEncoder } from "../shared/decoder/encoder.ts";
import type { Mixture } from "../shared/mixture.ts";
import type { ModelSpec } from "../shared/model.ts";
import type { Weights } from "../shared/weights.ts";
import { type Dataset, gatherImages } from "./dataset.ts";
import { loadDecodeKernels } from "./decode-kernels.ts";
import { fitMixture, type LabelledLatents } from "./mixture/fit.ts";

/**
 * @param weights  of the encoder
 * @param onProgress  told how many of the fits are done
 */
export function fitSampler(
  spec: ModelSpec,
  weights: Weights,
  data: Dataset,
  split: { readonly training: Uint32Array; readonly validation: Uint32Array },
  onProgress: (done: number, total: number) => void = () => {},
): Mixture {
  const means = posteriorMeans(spec, weights, data);
  const training = means(split.training);
  const { mixture } = fitMixture(training.latents, training.labels, spec.latentDim, {
    validation: means(split.validation),
    onProgress: ({ done, total }) => onProgress(done, total),
  });
  return mixture;
}

/** Means of q(z|x) with the labels of their images. */
function posteriorMeans(spec: ModelSpec, weights: Weights, data: Dataset) {
  const { encode } = createEncoder(loadDecodeKernels(), spec, weights);
  return (indices: Uint32Array): LabelledLatents => {
    const latents = new Float32Array(indices.length * spec.latentDim);
    const labels = new Uint8Array(indices.length);
    for (const [i, index] of indices.entries()) {
      const image = gatherImages(data, Uint32Array.of(index));
      latents.set(encode(image).subarray(0, spec.latentDim), i * spec.latentDim);
      labels[i] = data.labels[index]!;
    }
    return { latents, labels };
  };
}
