// The regularised autoencoder, RAE-L2 (Ghosh et al. 2020, https://arxiv.org/abs/1903.12436, eq. 11): no noise, a penalty on
// the size of latents and one on the decoder's weights. It has no prior: latents are drawn from a density that is fitted
// after training, which for this project is its mixture per class.

import * as tf from "@tensorflow/tfjs";
import type { Vae } from "../model/vae.ts";
import type { Objective, Step, Terms } from "./objective.ts";

export const rae: Objective = {
  summary: "an autoencoder without noise, with small latents and decoder weights (Ghosh et al. 2020)",
  takes: ["beta", "warmup", "decoderDecay"],
  isDeterministic: true,
  prepare: unitVariances,
  loss: (step) => {
    const { reconstruction, kl } = autoencode(step);
    const squares = step.decoderWeights.map((weights) => tf.sum(tf.square(weights)));
    const decay = tf.mul(step.count * step.options.decoderDecay, tf.addN(squares));
    const loss = tf.add(tf.add(reconstruction, tf.mul(kl, step.beta)), decay) as tf.Scalar;
    return { loss, reconstruction, kl };
  },
  validate: autoencode,
};

/** In place of the KL, |z|^2 / 2: the KL of N(z, I), of whose terms the others are 0. */
function autoencode(step: Step): Omit<Terms, "loss"> {
  const { mu } = step.posterior();
  return { reconstruction: step.reconstruct(mu), kl: tf.mul(0.5, tf.sum(tf.square(mu))) };
}

/** Log-variances are no part of the model: the half of the heads that gives them is 0, and no gradient reaches it. */
function unitVariances({ encoder }: Vae): void {
  tf.tidy(() => {
    for (const weights of encoder.layers.at(-1)!.trainableWeights) {
      const variable = weights.read() as tf.Variable;
      const means = tf.split(variable as tf.Tensor, 2, -1)[0]!;
      variable.assign(tf.concat([means, tf.zerosLike(means)], -1));
    }
  });
}
