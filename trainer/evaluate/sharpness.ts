// How sharp images are, whatever they show: the variance of the Laplacian, a classical measure of focus (Pech-Pacheco et
// al. 2000, https://doi.org/10.1109/ICPR.2000.903548). Blur lowers it, and so do the grey strokes of a mean over digits.

const SIDE = 28;

/**
 * The variance of the 4-neighbour Laplacian over the inner pixels of an image, averaged over images.
 * @param images  float32 [n, 28, 28] in [0, 1], flat
 */
export function sharpnessOf(images: Float32Array): number {
  const count = images.length / SIDE ** 2;
  const inner = (SIDE - 2) ** 2;
  let total = 0;
  for (let image = 0; image < count; image++) {
    let [sum, squares] = [0, 0];
    for (let y = 1; y < SIDE - 1; y++) {
      for (let x = 1; x < SIDE - 1; x++) {
        const at = (image * SIDE + y) * SIDE + x;
        const neighbours = images[at - SIDE]! + images[at + SIDE]! + images[at - 1]! + images[at + 1]!;
        const laplacian = neighbours - 4 * images[at]!;
        sum += laplacian;
        squares += laplacian ** 2;
      }
    }
    total += squares / inner - (sum / inner) ** 2;
  }
  return total / count;
}
