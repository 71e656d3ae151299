// Gaussian latents beside a digit that encoder and decoder are given: a conditional VAE (Sohn et al. 2015).

import { SamplerError } from "../../errors.ts";
import type { ModelSpec } from "../../model/spec.ts";
import { CLASSES } from "../classes.ts";
import { gaussianKind } from "../gaussian/kind.ts";
import type { LatentKind } from "../latent-kind.ts";
import { createConditionalLatent } from "./latent.ts";
import type { ConditionalSpec } from "./spec.ts";

export const conditionalKind: LatentKind = {
  ...gaussianKind,
  // z, then the digit.
  dim: (spec) => dimOf(spec) + CLASSES,
  // mu and logVar for each digit.
  encoder: (spec) => {
    const outputs = CLASSES * 2 * dimOf(spec);
    return { heads: [{ kind: "dense", units: outputs, activation: "linear" }], outputs };
  },
  resize: (spec, dim) => ({ ...spec, latent: { kind: "conditional", dim } }),
  size: (spec) => ({ count: dimOf(spec) }),
  checkInput: (spec, values, model) =>
    gaussianKind.checkInput(
      { ...spec, latent: { kind: "gaussian", dim: dimOf(spec) + CLASSES } },
      values,
      model,
    ),
  samplers: () => [{ name: "prior", takesDigit: true }],
  checkChoice: ({ sampler, guidance }) => {
    if (guidance !== undefined) throw new SamplerError("this release has no guidance; omit guidance");
    if (sampler === "mixture") throw new SamplerError("this release has no mixture; omit sampler");
  },
  files: [],
  open: async (spec) => createConditionalLatent(dimOf(spec)),
};

function dimOf({ latent }: ModelSpec): number {
  return (latent as ConditionalSpec).dim;
}
