// The beta-VAE: another weight of the KL (Higgins et al. 2017, https://openreview.net/forum?id=Sy2fzU9gl, eq. 4). With beta
// 1 it is the VAE.

import type { Objective } from "./objective.ts";
import { vae } from "./vae.ts";

export const betaVae: Objective = {
  ...vae,
  summary: "the same with beta as the KL's weight (Higgins et al. 2017)",
  takes: ["beta", ...vae.takes],
};
