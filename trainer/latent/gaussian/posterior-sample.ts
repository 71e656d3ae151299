// From an encoder's heads to what a Gaussian latent is decoded from.

import type { Passage } from "../latent-kind.ts";

/** z = mu + sigma * noise, and KL(q(z|x) || N(0, I)) (Kingma & Welling 2014). */
export const posteriorSample: Passage = (heads, noise) => {
  const z = new Float32Array(noise.length);
  let kl = 0;
  for (let i = 0; i < noise.length; i++) {
    const [mu, logVar] = [heads[i]!, heads[noise.length + i]!];
    z[i] = mu + Math.exp(0.5 * logVar) * noise[i]!;
    kl -= 0.5 * (1 + logVar - mu * mu - Math.exp(logVar));
  }
  return { z, kl };
};

/** z = mu, for objectives without noise. */
export const posteriorMean: Passage = (heads, noise, label) =>
  posteriorSample(heads, new Float32Array(noise.length), label);
