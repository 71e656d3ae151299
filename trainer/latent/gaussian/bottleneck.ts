// The Gaussian latent of a VAE: q(z|x) = N(mu, exp(logVar)) (Kingma & Welling 2014).

import * as tf from "@tensorflow/tfjs";
import { latentDim } from "../../../shared/latent/kind.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import { drawGaussians } from "../../backend/gaussian.ts";
import type { Bottleneck, Posterior } from "../../model/bottleneck.ts";

export function gaussianBottleneck(spec: ModelSpec): Bottleneck {
  return {
    noiseDim: latentDim(spec),
    forward: (outputs, noise) => {
      const { z, kl } = drawPosterior(outputs, noise);
      return { latent: z, kl, penalty: kl };
    },
    posterior: splitHeads,
    encodeMean: (outputs) => splitHeads(outputs).mu,
  };
}

/**
 * A draw from q(z|x) for each image, and KL(q(z|x) || N(0, I)), summed over latents and the batch.
 * @param outputs  [batch, 2 * latentDim]
 * @param noise  [batch, latentDim], draws from N(0, 1)
 */
export function drawPosterior(outputs: tf.Tensor2D, noise: tf.Tensor2D): { z: tf.Tensor2D; kl: tf.Scalar } {
  const drawn = drawGaussians(outputs, noise);
  if (drawn) return drawn;
  const { mu, logVar } = splitHeads(outputs);
  return { z: reparameterize(mu, logVar, noise), kl: klDivergence(mu, logVar) };
}

/** @param outputs  [batch, 2 * latentDim] */
export function splitHeads(outputs: tf.Tensor2D): Posterior {
  const [mu, logVar] = tf.split(outputs, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  return { mu, logVar };
}

/** z = mu + sigma * noise, so that gradients pass through the draw (Kingma & Welling 2014, 2.4). */
export function reparameterize(mu: tf.Tensor2D, logVar: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor2D {
  return tf.add(mu, tf.mul(tf.exp(tf.mul(logVar, 0.5)), noise));
}

/**
 * KL(q(z|x) || N(0, I)), summed over latents and the batch (Kingma & Welling 2014, App. B).
 * @param mu, logVar  [batch, latentDim]
 */
function klDivergence(mu: tf.Tensor2D, logVar: tf.Tensor2D): tf.Scalar {
  const terms = tf.sub(tf.sub(tf.add(1, logVar), tf.square(mu)), tf.exp(logVar));
  return tf.mul(-0.5, tf.sum(terms)) as tf.Scalar;
}
