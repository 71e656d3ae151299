// The bottleneck of a conditional VAE (Sohn et al. 2015): the encoder has heads for each digit, of which the image's own
// count, and the decoder is given the digit beside z.

import * as tf from "@tensorflow/tfjs";
import { CLASSES } from "../../../shared/latent/classes.ts";
import { latentDim } from "../../../shared/latent/kind.ts";
import type { ModelSpec } from "../../../shared/model/spec.ts";
import type { Bottleneck } from "../../model/bottleneck.ts";
import { drawPosterior, splitHeads } from "../gaussian/bottleneck.ts";

export function conditionalBottleneck(spec: ModelSpec): Bottleneck {
  const dim = latentDim(spec) - CLASSES;
  const ownHeads = (outputs: tf.Tensor2D, digits: Uint8Array): tf.Tensor2D => {
    const heads = tf.reshape(outputs, [-1, CLASSES, 2 * dim]);
    const own = tf.expandDims(oneHot(digits), 2);
    return tf.sum(tf.mul(heads, own), 1);
  };
  const posterior = (outputs: tf.Tensor2D, digits: Uint8Array) => splitHeads(ownHeads(outputs, digits));
  const join = (z: tf.Tensor2D, digits: Uint8Array) => tf.concat([z, oneHot(digits)], 1);
  return {
    noiseDim: dim,
    forward: (outputs, noise, digits) => {
      const { z, kl } = drawPosterior(ownHeads(outputs, digits), noise);
      return { latent: join(z, digits), kl, penalty: kl };
    },
    posterior,
    encodeMean: (outputs, digits) => join(posterior(outputs, digits).mu, digits),
  };
}

/** [digits, CLASSES] */
function oneHot(digits: Uint8Array): tf.Tensor2D {
  return tf.tensor2d(
    Float32Array.from({ length: digits.length * CLASSES }, (_, i) =>
      digits[Math.floor(i / CLASSES)] === i % CLASSES ? 1 : 0,
    ),
    [digits.length, CLASSES],
  );
}
