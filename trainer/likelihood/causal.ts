// Causal convolutions (van den Oord et al. 2016, https://arxiv.org/abs/1601.06759): each output depends on pixels above it and on
// those to its left in its own row, never on the pixel itself.

import * as tf from "@tensorflow/tfjs";
import { conv2dPadded } from "../backend/ops.ts";

/** Taps of a kernel that sees `reach` rows above and `reach` pixels to either side. */
export function causalTaps(reach: number): number {
  return 2 * reach * (reach + 1);
}

/**
 * A causal convolution without bias, [batch, height, width, outputs].
 * @param images  [batch, height, width, inputs]
 * @param kernel  [taps, inputs, outputs], row by row: from the pixel `reach` rows above and `reach` to the left to the pixel
 *   before
 */
export function causalConv(images: tf.Tensor4D, kernel: tf.Tensor3D): tf.Tensor4D {
  const reach = reachOf(kernel);
  return conv2dPadded(images, rectangle(kernel), [
    [0, 0],
    [reach, 0],
    [reach, reach],
    [0, 0],
  ]);
}

/**
 * What the taps see at one pixel, [images, taps], flat; 0 outside an image.
 * @param images  [images, height, width], flat
 */
export function causalPatches(
  images: Float32Array,
  [height, width]: readonly [number, number],
  reach: number,
  y: number,
  x: number,
): Float32Array {
  const taps = causalTaps(reach);
  const patches = new Float32Array((images.length / (height * width)) * taps);
  for (let i = 0, image = 0; i < patches.length; i += taps, image += height * width) {
    for (let tap = 0; tap < taps; tap++) {
      const row = y - reach + Math.floor(tap / (2 * reach + 1));
      const column = x - reach + (tap % (2 * reach + 1));
      const isInside = row >= 0 && column >= 0 && column < width;
      patches[i + tap] = isInside ? images[image + row * width + column]! : 0;
    }
  }
  return patches;
}

/** The taps as a rectangle down to the pixel's own row, in which the pixel and what follows it get zeros. */
function rectangle(kernel: tf.Tensor3D): tf.Tensor4D {
  const [taps, inputs, outputs] = kernel.shape;
  const reach = reachOf(kernel);
  const [height, width] = [reach + 1, 2 * reach + 1];
  const hidden = tf.zeros([height * width - taps, inputs, outputs]);
  return tf.reshape(tf.concat([kernel, hidden], 0), [height, width, inputs, outputs]);
}

/** The reach of a kernel, from its number of taps. */
export function reachOf({ shape: [taps] }: tf.Tensor3D): number {
  return (Math.sqrt(1 + 2 * taps) - 1) / 2;
}
