// Augmentation: training images rotated, shifted, noisy or binarised, differently each time; the coursework's
// torchvision line is RandomAffine(degrees=10, translate=(0.1, 0.1)). On the batch's array, before it becomes a tensor:
// tfjs-node lacks the kernel of tf.image.transform, and all backends should see the same images.

import { type Generator, uniform } from "../../shared/arithmetic/random.ts";

const MAX_DEGREES = 10;
/** Share of the image's side. */
const MAX_SHIFT = 0.1;
/** In grey levels in [0, 1]. */
const MAX_NOISE = 0.1;

/**
 * Rotates each image about its centre and shifts it, both uniformly at random, with bilinear interpolation; pixels from
 * outside are black.
 * @param images  float32 [count, height, width], flat
 * @returns a new array of the same shape
 */
export function turnAndShift(
  images: Float32Array,
  height: number,
  width: number,
  next: Generator,
): Float32Array {
  const size = height * width;
  const out = new Float32Array(images.length);
  const signed = (limit: number) => (2 * uniform(next) - 1) * limit;
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  for (let from = 0; from < images.length; from += size) {
    const angle = (signed(MAX_DEGREES) * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [shiftX, shiftY] = [signed(MAX_SHIFT * width), signed(MAX_SHIFT * height)];
    const pixel = (x: number, y: number) =>
      x < 0 || x >= width || y < 0 || y >= height ? 0 : images[from + y * width + x]!;
    for (let at = 0; at < size; at++) {
      const [dx, dy] = [(at % width) - centreX - shiftX, Math.floor(at / width) - centreY - shiftY];
      const [sourceX, sourceY] = [cos * dx + sin * dy + centreX, cos * dy - sin * dx + centreY];
      const [left, top] = [Math.floor(sourceX), Math.floor(sourceY)];
      const [right, below] = [sourceX - left, sourceY - top];
      out[from + at] =
        (1 - below) * (1 - right) * pixel(left, top) +
        (1 - below) * right * pixel(left + 1, top) +
        below * (1 - right) * pixel(left, top + 1) +
        below * right * pixel(left + 1, top + 1);
    }
  }
  return out;
}

/** Adds uniform noise of at most 0.1 to pixels, and clamps them to [0, 1]. */
export function addNoise(images: Float32Array, next: Generator): Float32Array {
  return images.map((pixel) => Math.min(1, Math.max(0, pixel + (2 * uniform(next) - 1) * MAX_NOISE)));
}

/** Samples each pixel as 1 with its grey level as probability, else 0 (Salakhutdinov & Murray 2008; Burda et al. 2016). */
export function binarise(images: Float32Array, next: Generator): Float32Array {
  return images.map((pixel) => (uniform(next) < pixel ? 1 : 0));
}
