// Rows of a matrix, one for each position of a kernel, summed back to the pixels under it (col2im, overlap-add). Images are
// NHWC.

/**
 * Clears the images, and adds the rows of the matrix
 * [images * outHeight * outWidth, kernelHeight * kernelWidth * channels] to them; what lies outside is left out.
 * @param padTop, padLeft  pixels before the image
 */
export function addPatches(
  image: usize,
  images: i32,
  height: i32,
  width: i32,
  channels: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  outHeight: i32,
  outWidth: i32,
  patches: usize,
): void {
  const pixelBytes = (<usize>channels) << 2;
  const rowBytes = <usize>width * pixelBytes;
  const runBytes = <usize>kernelWidth * pixelBytes;
  const imageBytes = <usize>height * rowBytes;
  memory.fill(image, 0, <usize>images * imageBytes);
  for (let i = 0; i < images; i++, image += imageBytes) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++) {
        const left = outX * strideX - padLeft;
        const skip = <usize>min(kernelWidth, max(0, -left)) * pixelBytes;
        const keep = <usize>max(0, min(width, left + kernelWidth) - max(0, left)) * pixelBytes;
        const column = image + <usize>max(0, left) * pixelBytes;
        for (let kernelY = 0; kernelY < kernelHeight; kernelY++, patches += runBytes) {
          const y = outY * strideY - padTop + kernelY;
          if (y >= 0 && y < height) add(column + <usize>y * rowBytes, patches + skip, keep);
        }
      }
    }
  }
}

/** Runs are a few to a few hundred floats. */
function add(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
