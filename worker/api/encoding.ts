// A picture to the latent's distribution, or to codes, by the published encoder.

import { UnsupportedReleaseError } from "../../shared/errors.ts";
import { FITTED_SIDE, type FittedDigit } from "../../shared/image/fit/fit-digit.ts";
import { latentDim } from "../../shared/latent/kind.ts";
import type { LoadedModel } from "../models/model-cache.ts";
import type { ModelStore } from "../models/model-store.ts";
import type { ResolvedModel } from "../models/reference.ts";
import { readDigit } from "../upload/upload.ts";

export interface Encoding extends LoadedModel {
  readonly fitted: FittedDigit;
  /** What the reconstruction is decoded from, float32 [latentDim]: mu of q(z | x), or the embeddings of the codes. */
  readonly latent: Float32Array;
  /** q(z | x) = N(mu, exp(logVar)), or the codes nearest to the encoder's output. */
  readonly encoded: Gaussian | Grid;
}

/** Of a Gaussian latent, float32 [latentDim] each. */
interface Gaussian {
  readonly mu: Float32Array;
  readonly logVar: Float32Array;
}

/** Of a model with codes, [rows * columns]. */
interface Grid {
  readonly grid: Uint16Array;
}

/**
 * Reads the request's picture and encodes it.
 * @throws what readDigit and the store's load throw; UnsupportedReleaseError for a model of other images
 */
export async function encodeUpload(
  request: Request,
  store: ModelStore,
  model: ResolvedModel,
): Promise<Encoding> {
  const fitted = await readDigit(request);
  const loaded = await store.load(model);
  const { input } = loaded.card.spec;
  const dim = latentDim(loaded.card.spec);
  if (input.join() !== [FITTED_SIDE, FITTED_SIDE, 1].join()) {
    throw new UnsupportedReleaseError(
      `${model.name} takes images of [${input}]; pictures are fitted to [${FITTED_SIDE},${FITTED_SIDE},1]`,
    );
  }
  const { encode } = await loaded.encoder();
  const output = encode(Float32Array.from(fitted.image.pixels, (level) => level / 255));
  if (loaded.codes) {
    const grid = loaded.codes.quantize(output);
    return { ...loaded, fitted, latent: loaded.codes.embed(grid), encoded: { grid } };
  }
  const mu = output.slice(0, dim);
  return { ...loaded, fitted, latent: mu, encoded: { mu, logVar: output.slice(dim) } };
}

/** What was done to the picture, for people. */
export function describeFit({ isInverted, boundingBox, scale, isThickened }: FittedDigit) {
  return { inverted: isInverted, boundingBox, scale, thickened: isThickened };
}
