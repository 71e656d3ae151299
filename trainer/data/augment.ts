// Training images a little different each time: turned, shifted, noisy, or drawn in black and white. On the batch's
// own array, before it becomes a tensor; the seed's torchvision line is RandomAffine(degrees=10, translate=(0.1, 0.1)).

import { type Generator, uniform } from "../../shared/arithmetic/random.ts";

const MAX_DEGREES = 10;
/** Share of the image's side. */
const MAX_SHIFT = 0.1;
/** Of grey levels in [0, 1]. */
const MAX_NOISE = 0.1;

/**
 * Turns each image about its centre and shifts it, both uniformly at random, with bilinear interpolation; what comes in
 * from outside is black.
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
  for (let from = 0; from < images.length; from += size) {
    const angle = (signed(MAX_DEGREES) * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [shiftX, shiftY] = [signed(MAX_SHIFT * width), signed(MAX_SHIFT * height)];
    const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        // Where this pixel comes from.
        const [dx, dy] = [x - centreX - shiftX, y - centreY - shiftY];
        const sourceX = cos * dx + sin * dy + centreX;
        const sourceY = cos * dy - sin * dx + centreY;
        const [left, top] = [Math.floor(sourceX), Math.floor(sourceY)];
        if (left < -1 || left >= width || top < -1 || top >= height) continue;
        const [right, below] = [sourceX - left, sourceY - top];
        const at = from + top * width + left;
        const [hasLeft, hasRight] = [left >= 0, left + 1 < width];
        let sum = 0;
        if (top >= 0) {
          if (hasLeft) sum += (1 - below) * (1 - right) * images[at]!;
          if (hasRight) sum += (1 - below) * right * images[at + 1]!;
        }
        if (top + 1 < height) {
          if (hasLeft) sum += below * (1 - right) * images[at + width]!;
          if (hasRight) sum += below * right * images[at + width + 1]!;
        }
        out[from + y * width + x] = sum;
      }
    }
  }
  return out;
}

/** Adds uniform noise of at most 0.1 to pixels in [0, 1], and keeps them there. */
export function addNoise(images: Float32Array, next: Generator): Float32Array {
  return images.map((pixel) => Math.min(1, Math.max(0, pixel + (2 * uniform(next) - 1) * MAX_NOISE)));
}

/** Draws each pixel 1 with its grey level as probability, else 0 (Salakhutdinov & Murray 2008; Burda et al. 2016). */
export function binarise(images: Float32Array, next: Generator): Float32Array {
  return images.map((pixel) => (uniform(next) < pixel ? 1 : 0));
}
