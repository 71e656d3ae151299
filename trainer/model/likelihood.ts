// What a pixel is under the decoder's logit: black or white, or a grey level. The continuous Bernoulli (Loaiza-Ganem &
// Cunningham 2019, https://arxiv.org/abs/1907.06845) has the Bernoulli's density times a constant that makes it integrate to
// 1 over [0, 1]; without that, cross-entropy of grey pixels is no likelihood. With logit l the constant is l / tanh(l / 2).

import * as tf from "@tensorflow/tfjs";
import { bceWithLogits } from "../backend/ops.ts";
import { bernoulliNll } from "../math/bernoulli.ts";
import { continuousBernoulliNll, SERIES_BELOW } from "../math/continuous-bernoulli.ts";

export interface Likelihood {
  /** Whether it is a likelihood of grey pixels, not of black and white ones alone. */
  readonly isOfGrey: boolean;
  /** -log p(target | logits), nats, summed; of the same shape. */
  readonly nll: (logits: tf.Tensor, targets: tf.Tensor) => tf.Scalar;
  /**
   * The same summed over pixels alone.
   * @param logits  [images, draws, pixels]
   * @param targets  [images, 1, pixels]
   */
  readonly nllEach: (logits: tf.Tensor3D, targets: tf.Tensor3D) => tf.Tensor2D;
  /** Without tfjs: of an image that begins at `from`. */
  readonly nllOf: (logits: Float32Array, images: Float32Array, from?: number) => number;
}

const bernoulli: Likelihood = {
  isOfGrey: false,
  nll: bceWithLogits,
  nllEach: (logits, targets) => tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, targets)), 2),
  nllOf: bernoulliNll,
};

const continuousBernoulli: Likelihood = {
  isOfGrey: true,
  nll: (logits, targets) => tf.sub(bernoulli.nll(logits, targets), tf.sum(logConstants(logits))),
  nllEach: (logits, targets) => tf.sub(bernoulli.nllEach(logits, targets), tf.sum(logConstants(logits), 2)),
  nllOf: continuousBernoulliNll,
};

export const LIKELIHOODS = { bernoulli, "continuous-bernoulli": continuousBernoulli } as const;
export type LikelihoodName = keyof typeof LIKELIHOODS;
export const likelihoodNames = Object.keys(LIKELIHOODS) as [LikelihoodName, ...LikelihoodName[]];

export function likelihoodOf({ likelihood }: { readonly likelihood: LikelihoodName }): Likelihood {
  return LIKELIHOODS[likelihood];
}

/** log(l / tanh(l / 2)) of each logit l; its slope is 1 / l - 1 / sinh(l). */
function logConstants<T extends tf.Tensor>(logits: T): T {
  const operation = tf.customGrad((input, save) => {
    const l = input as tf.Tensor;
    (save as tf.GradSaveFunc)([l]);
    const x = tf.abs(l);
    // Both branches are computed, so neither may divide by 0.
    const large = tf.maximum(x, SERIES_BELOW);
    const squares = tf.square(l);
    const series = tf.add(tf.mul(squares, tf.sub(1 / 12, tf.mul(squares, 7 / 1440))), Math.LN2);
    const value = tf.where(
      tf.less(x, SERIES_BELOW),
      series,
      tf.log(tf.div(large, tf.tanh(tf.div(large, 2)))),
    );
    return { value, gradFunc: (dy, saved) => tf.mul(dy, slopes(saved[0] as tf.Tensor)) };
  });
  return operation(logits) as T;
}

function slopes(l: tf.Tensor): tf.Tensor {
  const x = tf.abs(l);
  const large = tf.maximum(x, SERIES_BELOW);
  const decay = tf.exp(tf.neg(large));
  const inverseSinh = tf.div(tf.mul(2, decay), tf.sub(1, tf.square(decay)));
  const positive = tf.sub(tf.div(1, large), inverseSinh);
  const series = tf.mul(l, tf.sub(1 / 6, tf.mul(tf.square(l), 7 / 360)));
  return tf.where(tf.less(x, SERIES_BELOW), series, tf.mul(tf.div(l, large), positive));
}
