// How a release draws, from the bytes of its files: by its mixture, or by the prior over its codes.

import { createCodeModel } from "../../shared/latent/code-model.ts";
import { SAMPLER_FILE } from "../../shared/latent/mixture.ts";
import { createCodeSampler, createGaussianSampler, type Sampler } from "../../shared/latent/sampler.ts";
import { CODES_FILES, readCodes, readMixture } from "../../shared/release/release.ts";
import { loadDecodeKernels } from "../backend/decode-kernels.ts";
import type { ReleaseFiles } from "../publish/stored-release.ts";

/** @throws MissingObjectError, DigestError, SchemaError, WeightsError, UnsupportedReleaseError */
export async function readSampler({ card, files }: ReleaseFiles): Promise<Sampler> {
  const [model, weights] = [files.get(CODES_FILES.model), files.get(CODES_FILES.weights)];
  const codes = await readCodes(card, { model, weights });
  if (codes) return createCodeSampler(createCodeModel(loadDecodeKernels(), card.spec, codes));
  return createGaussianSampler(card.spec, await readMixture(card, files.get(SAMPLER_FILE)));
}
