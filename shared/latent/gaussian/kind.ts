// Gaussian latents: a VAE (Kingma & Welling 2014), whose latents are drawn from a mixture per digit or from N(0, I).

import type { ModelSpec } from "../../model/spec.ts";
import type { LatentKind } from "../latent-kind.ts";
import type { GaussianLatent } from "./spec.ts";

export const gaussianKind: LatentKind = {
  dim: dimOf,
  // mu and logVar.
  encoder: (spec) => {
    const outputs = 2 * dimOf(spec);
    return { heads: [{ kind: "dense", units: outputs, activation: "linear" }], outputs };
  },
  resize: (spec, dim) => ({ ...spec, latent: { kind: "gaussian", dim } }),
};

function dimOf({ latent }: ModelSpec): number {
  return (latent as GaussianLatent).dim;
}
