// Gaussian latents: a VAE (Kingma & Welling 2014), and after it a mixture per digit over the means of its images.

import { createEncoder } from "../../../shared/decoder/encoder.ts";
import { sampleLatent } from "../../../shared/latent/gaussian/sample.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import { createGaussianSampler } from "../../../shared/latent/sampler.ts";
import { fromMemory, readMixture } from "../../../shared/release/open.ts";
import { loadDecodeKernels } from "../../backend/decode-kernels.ts";
import { selectBackend } from "../../backend/registry.ts";
import { drawSamples } from "../../train/pictures.ts";
import type { LatentKind } from "../latent-kind.ts";
import { createAutoencoder } from "./autoencoder.ts";
import { gaussianBottleneck } from "./bottleneck.ts";
import { evaluateGaussian } from "./evaluate.ts";
import { fitSampler } from "./mixture.ts";
import { packMixtureOf } from "./pack.ts";
import { gaussianReport } from "./report.ts";

const FOR_CODES = "only models with codes use it, such as --preset vq";

export const gaussianKind: LatentKind = {
  described: "with a Gaussian latent",
  meaningless: { priorEpochs: FOR_CODES, priorLearningRate: FOR_CODES, priorDropout: FOR_CODES },
  checkSpec: () => {},
  createBottleneck: gaussianBottleneck,
  drawSamples,
  readSecondHistory: async () => undefined,
  // Half of them the images' means, half draws as seeds are.
  typicalLatents: (spec, tensors, images) => {
    const { encode } = createEncoder(loadDecodeKernels(), spec, tensors);
    const means = images.map((image) => encode(image).slice(0, latentDim(spec)));
    return [...means, ...images.map((_, i) => sampleLatent(`calibration/${i}`, latentDim(spec)))];
  },
  packSecondStage: packMixtureOf,
  hasBound: true,
  evaluate: evaluateGaussian,
  readFloat: async (_folder, tensors, released) => ({ ...released, encoder: tensors, decoder: tensors }),
  openRun: async ({ config, tensors, data, split }, findRelease, onProgress) => {
    const release = await findRelease();
    let mixture = release && (await readMixture(release.card, fromMemory(release.files)));
    if (!mixture) {
      await selectBackend("wasm");
      const onFit = (done: number, total: number) => onProgress("fitting its mixture", done, total);
      mixture = await fitSampler(config, tensors, data, split, onFit);
    }
    const model = createAutoencoder(config.spec, { encoder: tensors, decoder: tensors });
    return {
      draws: { mixture, sampler: createGaussianSampler(config.spec, mixture) },
      latentsOf: (images) => model.encode(images).mu,
    };
  },
  report: gaussianReport,
};
