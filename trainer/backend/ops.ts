// Operations of training that in tfjs are long chains: one fused kernel if the current backend has it, else the chain of
// stock operations.

import * as tf from "@tensorflow/tfjs";
import { BCE_WITH_LOGITS, GATE, GATE_GRADIENT, LERP, SILU, SILU_GRADIENT } from "./pointwise.ts";

/**
 * Binary cross-entropy of Bernoulli pixels, -log p(target | logits), summed over all elements, in nats. Stable for any
 * finite logit; differentiable by the logits only.
 * @param logits, target  the same shape, float32; target in [0, 1]
 */
export function bceWithLogits(logits: tf.Tensor, target: tf.Tensor): tf.Scalar {
  tf.util.assertShapesMatch(logits.shape, target.shape, "bceWithLogits: logits and target differ in shape. ");
  // The target is captured by the closure: as an argument it would need a gradient.
  const operation = tf.customGrad((x, save) => {
    const [loss, gradient] = tf.tidy(() => lossAndGradient(x as tf.Tensor, target));
    (save as tf.GradSaveFunc)([gradient]);
    return { value: loss, gradFunc: (dy, saved) => tf.mul(dy, saved[0] as tf.Tensor) };
  });
  return operation(logits) as tf.Scalar;
}

function lossAndGradient(x: tf.Tensor, target: tf.Tensor): [tf.Tensor, tf.Tensor] {
  if (hasKernel(BCE_WITH_LOGITS)) {
    const results = tf.engine().runKernel(BCE_WITH_LOGITS, { logits: x, target });
    return results as unknown as [tf.Tensor, tf.Tensor];
  }
  const tail = tf.log1p(tf.exp(tf.neg(tf.abs(x))));
  const loss = tf.sum(tf.add(tf.sub(tf.relu(x), tf.mul(x, target)), tail));
  return [loss, tf.sub(tf.sigmoid(x), target)];
}

/**
 * tanh(a) * sigmoid(b), the gate of a gated convolution (van den Oord et al. 2016, eq. 2).
 * @param x  [count, 2 * channels], every row holds all a, then all b; channels are a multiple of 4
 * @returns [count, channels]
 */
export function gate(x: tf.Tensor2D): tf.Tensor2D {
  if (!hasKernel(GATE)) {
    const [a, b] = tf.split(x, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    return tf.mul(tf.tanh(a), tf.sigmoid(b));
  }
  const operation = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: tf.engine().runKernel(GATE, { x: input as tf.Tensor }) as tf.Tensor,
      gradFunc: (dy, saved) =>
        tf.engine().runKernel(GATE_GRADIENT, { x: saved[0] as tf.Tensor, dy }) as tf.Tensor,
    };
  });
  return operation(x) as tf.Tensor2D;
}

/** x * sigmoid(x) (Ramachandran et al. 2017). */
export function silu(x: tf.Tensor): tf.Tensor {
  return (hasKernel(SILU) ? fusedSilu : siluOfTwo)(x);
}

const fusedSilu = tf.customGrad((x, save) => {
  (save as tf.GradSaveFunc)([x as tf.Tensor]);
  return {
    value: tf.engine().runKernel(SILU, { x: x as tf.Tensor }) as tf.Tensor,
    gradFunc: (dy, saved) =>
      tf.engine().runKernel(SILU_GRADIENT, { x: (saved as tf.Tensor[])[0]!, dy }) as tf.Tensor,
  };
}) as (x: tf.Tensor) => tf.Tensor;

/** By stock operations, with a gradient in few of them. */
const siluOfTwo = tf.customGrad((x, save) => {
  const s = tf.sigmoid(x as tf.Tensor);
  const value = tf.mul(x as tf.Tensor, s);
  (save as tf.GradSaveFunc)([s, value]);
  return {
    value,
    gradFunc: (dy, saved) => {
      const [s, y] = saved as [tf.Tensor, tf.Tensor];
      // (x s)' = s + x s (1 - s) = s + y (1 - s)
      return tf.mul(dy, tf.add(s, tf.mul(y, tf.sub(1, s))));
    },
  };
}) as (x: tf.Tensor) => tf.Tensor;

/** a + (b - a) * share, of the same shape; not differentiable. */
export function lerp(a: tf.Tensor, b: tf.Tensor, share: number): tf.Tensor {
  if (hasKernel(LERP)) return tf.engine().runKernel(LERP, { a, b }, { share }) as tf.Tensor;
  return tf.add(a, tf.mul(tf.sub(b, a), share));
}

function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** A convolution of stride 1 with explicit padding, which tfjs-node lacks: there the images are padded first. */
export function conv2dPadded(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  padding: tf.backend_util.ExplicitPadding,
): tf.Tensor4D {
  return tf.getBackend() === "tensorflow"
    ? tf.conv2d(tf.pad(x, padding), filter, 1, "valid")
    : tf.conv2d(x, filter, 1, padding);
}
