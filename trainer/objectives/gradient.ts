// Identities that change what flows back through them.

import * as tf from "@tensorflow/tfjs";

/** x, as a constant. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((input) => ({
    value: (input as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }))(x) as T;
}

/**
 * x, [rows, columns], whose gradient is multiplied by a factor for each row.
 * @param factors  called when gradients are computed; [rows]
 */
export function scaleGradient(x: tf.Tensor2D, factors: () => Float32Array): tf.Tensor2D {
  return tf.customGrad((input) => ({
    value: (input as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.mul(dy, tf.tensor2d(factors(), [x.shape[0], 1])),
  }))(x) as tf.Tensor2D;
}
