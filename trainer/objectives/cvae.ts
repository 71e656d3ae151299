// The conditional VAE: encoder and decoder are given the digit, so z tells only the hand (Sohn et al. 2015,
// https://papers.nips.cc/paper/5775-learning-structured-output-representation-using-deep-conditional-generative-models). Its
// loss is that of the beta-VAE; what differs is the latent (../latent/conditional).

import { betaVae } from "./beta-vae.ts";
import type { Objective } from "./objective.ts";

export const cvae: Objective = {
  ...betaVae,
  summary: "a conditional VAE, whose encoder and decoder are given the digit (Sohn et al. 2015)",
  adapt: (spec) => {
    const { latent } = spec;
    return latent.kind === "gaussian" ? { ...spec, latent: { kind: "conditional", dim: latent.dim } } : spec;
  },
};
