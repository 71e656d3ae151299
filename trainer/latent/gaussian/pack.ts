// The mixture of a finished run, as a release holds it.

import { packMixture, SAMPLER_FILE } from "../../../shared/latent/gaussian/mixture.ts";
import { createGaussianSampler } from "../../../shared/latent/sampler.ts";
import type { FinishedRun, PackedStage, Passage } from "../latent-kind.ts";
import { fitSampler } from "./mixture.ts";

/** Needs a tfjs backend for the distances between latents. */
export async function packMixtureOf({ config, tensors, data, split }: FinishedRun): Promise<PackedStage> {
  return {
    passages: { float: posteriorSample, quantized: posteriorSample },
    finish: async (onProgress) => {
      const mixture = await fitSampler(config, tensors, data, split, onProgress);
      return {
        files: new Map([[SAMPLER_FILE, packMixture(mixture)]]),
        sampler: createGaussianSampler(config.spec, mixture),
      };
    },
  };
}

const posteriorSample: Passage = (heads, noise) => {
  const z = new Float32Array(noise.length);
  let kl = 0;
  for (let i = 0; i < noise.length; i++) {
    const [mu, logVar] = [heads[i]!, heads[noise.length + i]!];
    z[i] = mu + Math.exp(0.5 * logVar) * noise[i]!;
    kl -= 0.5 * (1 + logVar - mu * mu - Math.exp(logVar));
  }
  return { z, kl };
};
