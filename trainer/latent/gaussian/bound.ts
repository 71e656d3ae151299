// Lower bounds of log p(x) of a VAE, as losses: nats per image, smaller is better. Of Bernoulli pixels they bound a
// likelihood for binarised images only; for grey ones they are cross-entropies to compare among themselves.

import { createGenerator, sampleNormal } from "../../../shared/arithmetic/random.ts";
import type { Loss } from "../../../shared/release/release.ts";
import type { LabelledImages } from "../../data/batch.ts";
import { bernoulliNll } from "../../math/bernoulli.ts";
import type { Autoencoder, Posterior } from "./autoencoder.ts";

/** Latents decoded at a time. */
const CHUNK = 96;

/** What the pixels are by their logits, as in Likelihood.nllOf; by default Bernoulli. */
interface PixelOptions {
  readonly nllOf?: (logits: Float32Array, images: Float32Array, from?: number) => number;
  /** Of the draws. */
  readonly seed: string;
}

/**
 * The negative ELBO with its parts (Kingma & Welling 2014, eq. 7, https://arxiv.org/abs/1312.6114): one draw of z per
 * image, the KL in closed form.
 * @param posterior  the model's own q(z|x) of the images
 * @param isDeterministic  whether z is the mean of q(z|x)
 */
export function elbo(
  model: Autoencoder,
  { images, labels }: LabelledImages,
  posterior: Posterior,
  {
    seed,
    nllOf = bernoulliNll,
    isDeterministic = false,
  }: PixelOptions & { readonly isDeterministic?: boolean },
): Loss {
  const { latentDim } = model;
  const count = posterior.mu.length / latentDim;
  const pixels = images.length / count;
  const next = createGenerator(seed);
  let [reconstruction, kl] = [0, 0];
  for (let from = 0; from < count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK);
    const mu = posterior.mu.subarray(from * latentDim, to * latentDim);
    const logVar = posterior.logVar.subarray(from * latentDim, to * latentDim);
    const noise = new Float32Array(mu.length);
    if (!isDeterministic) sampleNormal(next, noise);
    const logits = model.decode(
      mu.map((mean, i) => mean + Math.exp(0.5 * logVar[i]!) * noise[i]!),
      labels.subarray(from, to),
    );
    for (let i = from; i < to; i++) {
      const row = (i - from) * pixels;
      reconstruction += nllOf(logits.subarray(row, row + pixels), images, i * pixels);
    }
    for (let i = 0; i < mu.length; i++) kl += 0.5 * (mu[i]! ** 2 + Math.exp(logVar[i]!) - 1 - logVar[i]!);
  }
  reconstruction /= count;
  kl /= count;
  return { reconstruction, kl, total: reconstruction + kl };
}

/** How closely the importance-weighted bound is drawn. */
export interface BoundOptions extends PixelOptions {
  /** Draws of z per image, K; one gives the ELBO, more come closer to log p(x). */
  readonly samples: number;
  /** Told the number of images done. */
  readonly onImage?: (done: number) => void;
}

/**
 * The importance-weighted bound, -L_K = -E[log 1/K sum_k p(x, z_k) / q(z_k|x)] (Burda et al. 2016, eq. 8,
 * https://arxiv.org/abs/1509.00519), mean over the images.
 * @param images  binarised ones where the result is to be called an NLL of Bernoulli pixels
 * @param posterior  the model's own q(z|x) of the images
 */
export function importanceWeightedBound(
  model: Autoencoder,
  { images, labels }: LabelledImages,
  { mu, logVar }: Posterior,
  { samples, seed, nllOf = bernoulliNll, onImage = () => {} }: BoundOptions,
): number {
  const { latentDim } = model;
  const count = mu.length / latentDim;
  const pixels = images.length / count;
  const next = createGenerator(seed);
  let total = 0;
  for (let image = 0; image < count; image++) {
    const logWeights = new Float64Array(samples);
    for (let from = 0; from < samples; from += CHUNK) {
      const batch = Math.min(CHUNK, samples - from);
      const z = new Float32Array(batch * latentDim);
      const noise = sampleNormal(next, new Float32Array(z.length));
      for (let i = 0; i < z.length; i++) {
        const unit = image * latentDim + (i % latentDim);
        z[i] = mu[unit]! + Math.exp(0.5 * logVar[unit]!) * noise[i]!;
        // log p(z) - log q(z|x); both have the same 2 pi.
        logWeights[from + Math.floor(i / latentDim)]! += 0.5 * (noise[i]! ** 2 - z[i]! ** 2 + logVar[unit]!);
      }
      const logits = model.decode(z, new Uint8Array(batch).fill(labels[image]!));
      for (let i = 0; i < batch; i++) {
        const row = logits.subarray(i * pixels, (i + 1) * pixels);
        logWeights[from + i]! -= nllOf(row, images, image * pixels);
      }
    }
    total -= logSumExp(logWeights) - Math.log(samples);
    onImage(image + 1);
  }
  return total / count;
}

/** log sum_i exp(values[i]); -Infinity for terms of 0. */
export function logSumExp(values: Float64Array): number {
  const max = values.reduce((a, b) => Math.max(a, b));
  return max + Math.log(values.reduce((sum, value) => sum + Math.exp(value - max), 0));
}
