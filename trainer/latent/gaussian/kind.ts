// Gaussian latents: a VAE (Kingma & Welling 2014), and after it a mixture per digit over the means of its images.

import { createEncoder } from "../../../shared/decoder/encoder.ts";
import { gaussianKind as served } from "../../../shared/latent/gaussian/kind.ts";
import { createGaussianLatent } from "../../../shared/latent/gaussian/latent.ts";
import { packMixture, SAMPLER_FILE } from "../../../shared/latent/gaussian/mixture.ts";
import { sampleLatent } from "../../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { selectBackend } from "../../backend/registry.ts";
import { objectiveOf } from "../../objectives/objectives.ts";
import { drawSamples } from "../../train/pictures.ts";
import { forCodes } from "../codes/options.ts";
import { forFlow } from "../flow/options.ts";
import type { LatentKind } from "../latent-kind.ts";
import { gaussianBottleneck } from "./bottleneck.ts";
import { evaluateGaussian } from "./evaluate.ts";
import { fitSampler } from "./mixture.ts";
import { posteriorMean, posteriorSample } from "./posterior-sample.ts";
import { gaussianReport } from "./report.ts";

export const gaussianKind: LatentKind = {
  ...served,
  described: "with a Gaussian latent",
  meaningless: { ...forCodes, ...forFlow },
  createBottleneck: gaussianBottleneck,
  drawSamples,
  stages: [],
  lossesOn: (on, history) => history.map(({ epoch, [on]: loss }) => ({ epoch, ...loss })),
  // Half of them the images' means, half draws as seeds are.
  typicalLatents: (spec, tensors, images) => {
    const { encode } = createEncoder(loadDecodeKernels(), spec, tensors);
    const dim = latentDim(spec);
    const means = images.map((image) => encode(image).slice(0, dim));
    return [...means, ...images.map((_, i) => sampleLatent(`calibration/${i}`, dim))];
  },
  pack: async ({ config, tensors, data, split }) => {
    const passage = objectiveOf(config).isDeterministic ? posteriorMean : posteriorSample;
    return {
      passages: { float: passage, quantized: passage },
      files: async (onProgress) => {
        const mixture = await fitSampler(config, tensors, data, split, onProgress);
        return new Map([[SAMPLER_FILE, packMixture(mixture)]]);
      },
    };
  },
  openFloat: async ({ config, tensors, data, split }, released, onProgress) => {
    if (released?.mixture) return released;
    await selectBackend("wasm");
    const onFit = (done: number, total: number) => onProgress("fitting its mixture", done, total);
    const mixture = await fitSampler(config, tensors, data, split, onFit);
    return createGaussianLatent(latentDim(config.spec), mixture);
  },
  evaluate: evaluateGaussian,
  report: gaussianReport,
};
